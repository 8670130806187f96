"""Pictures, and who may add them: Editors and Publishers."""

from django.db import migrations, models

ACTIONS = ["view", "add", "change", "delete"]


def permit(apps, schema_editor):
    ContentType = apps.get_model("contenttypes", "ContentType")
    Permission = apps.get_model("auth", "Permission")
    Group = apps.get_model("auth", "Group")
    content_type, _ = ContentType.objects.get_or_create(app_label="guide", model="image")
    permissions = [
        Permission.objects.get_or_create(
            content_type=content_type, codename=f"{action}_image", defaults={"name": f"Can {action} image"}
        )[0]
        for action in ACTIONS
    ]
    for group in Group.objects.filter(name__in=["Editors", "Publishers"]):
        group.permissions.add(*permissions)


class Migration(migrations.Migration):
    dependencies = [("guide", "0004_releases")]

    operations = [
        migrations.CreateModel(
            name="Image",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("slug", models.SlugField(help_text="Stands in the address. It can’t be changed later.", max_length=60, unique=True, verbose_name="short name")),
                ("alt", models.CharField(help_text="In words, for people who don’t see it. It is copied into the text, where it can be changed.", max_length=300, verbose_name="what it shows")),
                ("credit", models.CharField(blank=True, help_text="Whose picture it is, as it stands below it.", max_length=200)),
                ("data", models.BinaryField()),
                ("digest", models.CharField(max_length=64)),
                ("width", models.PositiveSmallIntegerField()),
                ("height", models.PositiveSmallIntegerField()),
                ("added_at", models.DateTimeField(auto_now_add=True, verbose_name="added")),
                ("archived_at", models.DateTimeField(editable=False, null=True, verbose_name="archived")),
            ],
            options={"ordering": ("-added_at", "-id")},
        ),
        migrations.RunPython(permit, migrations.RunPython.noop),
    ]
