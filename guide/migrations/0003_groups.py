"""The groups Editors and Publishers, with what each may do at the desk."""

from django.db import migrations

MODELS = ["section", "question", "tip", "flag", "sign", "country", "helpline", "page", "source"]
NAMES = {
    "section": "sections", "question": "questions", "tip": "tips", "flag": "red flags",
    "sign": "signs of abuse", "country": "countries", "helpline": "help lines", "page": "pages", "source": "sources",
}
VERBOSE = {"flag": "red flag", "sign": "sign of abuse", "helpline": "help line"}
EDIT = ["view", "add", "change", "delete"]


def make_groups(apps, schema_editor):
    ContentType = apps.get_model("contenttypes", "ContentType")
    Permission = apps.get_model("auth", "Permission")
    Group = apps.get_model("auth", "Group")
    editors, _ = Group.objects.get_or_create(name="Editors")
    publishers, _ = Group.objects.get_or_create(name="Publishers")
    for model in MODELS:
        # Permissions are made after migrating; those that stand here already are found then and kept.
        content_type, _ = ContentType.objects.get_or_create(app_label="guide", model=model)
        edit = [
            Permission.objects.get_or_create(
                content_type=content_type, codename=f"{action}_{model}",
                defaults={"name": f"Can {action} {VERBOSE.get(model, model)}"},
            )[0]
            for action in EDIT
        ]
        publish, _ = Permission.objects.get_or_create(
            content_type=content_type, codename=f"publish_{model}", defaults={"name": f"Can publish {NAMES[model]}"}
        )
        editors.permissions.add(*edit)
        publishers.permissions.add(*edit, publish)


class Migration(migrations.Migration):
    dependencies = [
        ("guide", "0002_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunPython(make_groups, migrations.RunPython.noop)]
