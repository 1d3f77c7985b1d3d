from django.core.wsgi import get_wsgi_application

from dashboard.config.log_output import log_as_service
from dashboard.config.startup import load_settings

load_settings()
application = get_wsgi_application()
log_as_service()
