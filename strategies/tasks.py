from celery import shared_task

from strategies.services import briefs


@shared_task
def prepare_due_briefs() -> int:
    """Prepare the brief of the last whole week wherever there is none."""
    return briefs.prepare_due_briefs()


@shared_task
def make_brief_pdfs() -> int:
    """Make the PDFs of issued briefs. Safe to run twice at once."""
    return briefs.make_brief_pdfs()
