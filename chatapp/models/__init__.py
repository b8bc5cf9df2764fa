"""The nouns of Plainwire. Reply is not among them: only the worker writes replies, and loads what that takes."""

from .admission import Admission
from .assistant import Assistant
from .attachment import Attachment
from .block import Block
from .bookmark import Bookmark
from .budget import Budget
from .chat import Chat
from .conversation import Conversation
from .face import Face
from .figure import Figure
from .former_member import FormerMember
from .invitation import Invitation
from .link_preview import LinkPreview
from .listed_chat import ListedChat
from .membership import Membership
from .mention import Mention
from .mention_mark import MentionMark
from .message import Message
from .place import Place
from .price import Price
from .reaction import Reaction
from .reading import Reading
from .reasoning import Reasoning
from .reply_version import ReplyVersion
from .session import Session
from .share import Share
from .summary import Summary
from .tool_server import OfferedTool, ToolServer
from .tool_use import ToolUse
from .typing import Typing
from .user import User

__all__ = [
    "Admission",
    "Assistant",
    "Attachment",
    "Block",
    "Bookmark",
    "Budget",
    "Chat",
    "Conversation",
    "Face",
    "Figure",
    "FormerMember",
    "Invitation",
    "LinkPreview",
    "ListedChat",
    "Membership",
    "Mention",
    "MentionMark",
    "Message",
    "OfferedTool",
    "Place",
    "Price",
    "Reaction",
    "Reading",
    "Reasoning",
    "ReplyVersion",
    "Session",
    "Share",
    "Summary",
    "ToolServer",
    "ToolUse",
    "Typing",
    "User",
]
