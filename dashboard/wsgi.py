from django.core.wsgi import get_wsgi_application

from dashboard.logs import log_as_service
from dashboard.start import load_settings

load_settings()
application = get_wsgi_application()
log_as_service()
