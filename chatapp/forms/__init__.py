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
from .assistants import AssistantForm
from .budgets import BudgetForm, PriceForm
from .chats import ChatForm, DeletionForm, DirectForm, ManagerForm, MemberForm
from .files import PieceForm, UploadForm, limits
from .invitations import AdmissionForm, InvitationForm
from .messages import Composer, MessageForm, NewMessageForm, PlainText, ReactionForm, ReadForm
from .places import PlaceForm
from .summaries import SummaryForm
from .tool_servers import OfferedToolsForm, ToolServerForm

__all__ = [
    "AddressForm",
    "AdmissionForm",
    "AssistantForm",
    "BudgetForm",
    "ChatForm",
    "Composer",
    "DeletionForm",
    "DirectForm",
    "FounderForm",
    "InvitationForm",
    "ManagerForm",
    "MemberForm",
    "MessageForm",
    "NameForm",
    "NewMessageForm",
    "OfferedToolsForm",
    "PasswordForm",
    "PieceForm",
    "PlainText",
    "PlaceForm",
    "PortraitForm",
    "PriceForm",
    "ProfileForm",
    "ReactionForm",
    "ReadForm",
    "SessionForm",
    "SummaryForm",
    "TimeZoneForm",
    "ToolServerForm",
    "UploadForm",
    "UserForm",
    "limits",
]
