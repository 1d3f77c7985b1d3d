"""The names of projects, as filters and pages use them."""

from logsync.models import Project


def project_names() -> list[str]:
    return list(Project.objects.order_by("name").values_list("name", flat=True))


def names_by_id() -> dict[int, str]:
    """For rows that carry a project's key: cheaper than a join for each of them."""
    return dict(Project.objects.order_by().values_list("pk", "name"))
