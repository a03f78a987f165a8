"""One e-mail through the SMTP server of the settings. Blocking: call from threads."""

from __future__ import annotations

import smtplib
import ssl
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid

from camera_hub.alerts.webhook import Tried, said
from camera_hub.settings import SmtpSettings
from registry.store import utc_now

WAIT_S = 10.0


def send(smtp: SmtpSettings, to: str, subject: str, text: str) -> Tried:
    """Send a plain text message to one address. Encrypted as the settings say, the server's certificate verified."""
    message = EmailMessage()
    # Unicode knows line ends that names may hold and headers may not.
    message["From"], message["To"], message["Subject"] = smtp.sender, to, " ".join(subject.splitlines())
    message["Date"], message["Message-ID"] = format_datetime(utc_now()), make_msgid(domain="camera-hub")
    message.set_content(text)
    secure = ssl.create_default_context()
    try:
        if smtp.security == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(smtp.host, smtp.port, timeout=WAIT_S, context=secure)
        else:
            server = smtplib.SMTP(smtp.host, smtp.port, timeout=WAIT_S)
        with server:
            if smtp.security == "starttls":
                server.starttls(context=secure)
            if smtp.username:
                server.login(smtp.username, smtp.password.get_secret_value())
            server.send_message(message)
    except smtplib.SMTPRecipientsRefused:
        return Tried(ok=False, error="the mail server refuses this address", final=True)
    except smtplib.SMTPAuthenticationError:
        return Tried(ok=False, error="the mail server refuses the user name or password")
    except OSError as err:  # smtplib's own errors are OSErrors, too
        return Tried(ok=False, error=said(err))
    return Tried(ok=True)
