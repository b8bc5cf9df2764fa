"""What people may type, and what they are told when they may not."""

from .accounts import (
    AddressForm,
    FounderForm,
    NameForm,
    PasswordForm,
    PortraitForm,
    ProfileForm,
    SessionForm,
    TimeZoneForm,
    UserForm,
)
from .chats import ChatForm, DeletionForm, DirectForm, ManagerForm, MemberForm
from .files import PieceForm, UploadForm, limits
from .invitations import AdmissionForm, InvitationForm
from .messages import MessageForm, NewMessageForm, ReactionForm, ReadForm

__all__ = [
    "AddressForm",
    "AdmissionForm",
    "ChatForm",
    "DeletionForm",
    "DirectForm",
    "FounderForm",
    "InvitationForm",
    "ManagerForm",
    "MemberForm",
    "MessageForm",
    "NameForm",
    "NewMessageForm",
    "PasswordForm",
    "PieceForm",
    "PortraitForm",
    "ProfileForm",
    "ReactionForm",
    "ReadForm",
    "SessionForm",
    "TimeZoneForm",
    "UploadForm",
    "UserForm",
    "limits",
]
