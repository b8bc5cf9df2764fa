// First, to hear before Turbo.
import "lib/popstate"
import * as Turbo from "@hotwired/turbo"
import { Application, Controller } from "@hotwired/stimulus"

import AnsweringController from "controllers/answering_controller"
import AttachmentsController from "controllers/attachments_controller"
import BookmarkListController from "controllers/bookmark_list_controller"
import BookmarksController from "controllers/bookmarks_controller"
import CardController from "controllers/card_controller"
import ChatListController from "controllers/chat_list_controller"
import CompanyController from "controllers/company_controller"
import CompletionsController from "controllers/completions_controller"
import ComposerController from "controllers/composer_controller"
import EmojiListController from "controllers/emoji_list_controller"
import EmojiPickerController from "controllers/emoji_picker_controller"
import FacesController from "controllers/faces_controller"
import FormattingController from "controllers/formatting_controller"
import HereController from "controllers/here_controller"
import HintsController from "controllers/hints_controller"
import KeysController from "controllers/keys_controller"
import LightboxController from "controllers/lightbox_controller"
import LiveListController from "controllers/live_list_controller"
import LivePartController from "controllers/live_part_controller"
import LogOutController from "controllers/log_out_controller"
import MentionsController from "controllers/mentions_controller"
import MessagesController from "controllers/messages_controller"
import OutboxController from "controllers/outbox_controller"
import PageTitleController from "controllers/page_title_controller"
import PassingController from "controllers/passing_controller"
import PastingController from "controllers/pasting_controller"
import PinListController from "controllers/pin_list_controller"
import PinsController from "controllers/pins_controller"
import PickerController from "controllers/picker_controller"
import PresenceController from "controllers/presence_controller"
import QuotesController from "controllers/quotes_controller"
import QuotingController from "controllers/quoting_controller"
import ReactionsController from "controllers/reactions_controller"
import ReadingController from "controllers/reading_controller"
import RefreshingController from "controllers/refreshing_controller"
import SearchController from "controllers/search_controller"
import StreamController from "controllers/stream_controller"
import SummaryController from "controllers/summary_controller"
import SwitcherController from "controllers/switcher_controller"
import ThreadController from "controllers/thread_controller"
import ThreadPanelController from "controllers/thread_panel_controller"
import TimelineController from "controllers/timeline_controller"
import TypingController from "controllers/typing_controller"
import UnfoldingController from "controllers/unfolding_controller"
import { offerActions } from "lib/actions"
import confirmInDialog from "lib/confirm"
import { copyCode } from "lib/copied_code"
import { copyLinks } from "lib/copied_links"
import { copyTexts } from "lib/copied_texts"
import { openDialogs } from "lib/dialogs"
import { localizeTimes } from "lib/local_times"
import { senderOfThisReader } from "lib/outbox_sender"
import { renderStreamsAtOnce } from "turbo/render"
import { closePopoversWhenChosen } from "lib/popovers"
import { currentUserId, leaveWhenLoggedOut } from "lib/session"
import { write } from "lib/storage"
import { tellTimeZone } from "lib/time_zone"
import { uploadsOfThisReader } from "lib/uploads"
import { guardTurboRequests } from "lib/guarded_requests"

Turbo.config.forms.confirm = confirmInDialog
renderStreamsAtOnce()
closePopoversWhenChosen()
copyCode()
copyLinks()
copyTexts()
offerActions()
openDialogs()
leaveWhenLoggedOut()
guardTurboRequests()
localizeTimes()

const application = Application.start()
application.register("answering", AnsweringController)
application.register("attachments", AttachmentsController)
application.register("bookmark-list", BookmarkListController)
application.register("bookmarks", BookmarksController)
application.register("card", CardController)
application.register("chat-list", ChatListController)
application.register("company", CompanyController)
application.register("completions", CompletionsController)
application.register("composer", ComposerController)
application.register("emoji-list", EmojiListController)
application.register("emoji-picker", EmojiPickerController)
application.register("faces", FacesController)
application.register("formatting", FormattingController)
application.register("here", HereController)
application.register("hints", HintsController)
application.register("keys", KeysController)
application.register("lightbox", LightboxController)
application.register("live-list", LiveListController)
application.register("live-part", LivePartController)
application.register("log-out", LogOutController)
application.register("mentions", MentionsController)
application.register("messages", MessagesController)
application.register("outbox", OutboxController)
application.register("page-title", PageTitleController)
application.register("passing", PassingController)
application.register("pasting", PastingController)
application.register("pin-list", PinListController)
application.register("pins", PinsController)
application.register("picker", PickerController)
application.register("presence", PresenceController)
application.register("quotes", QuotesController)
application.register("quoting", QuotingController)
application.register("reactions", ReactionsController)
application.register("reading", ReadingController)
application.register("refreshing", RefreshingController)
application.register("search", SearchController)
application.register("stream", StreamController)
application.register("summary", SummaryController)
application.register("switcher", SwitcherController)
application.register("thread", ThreadController)
application.register("thread-panel", ThreadPanelController)
application.register("timeline", TimelineController)
application.register("typing", TypingController)
application.register("unfolding", UnfoldingController)

// For scripts that only some pages load: lib/running.js.
globalThis.Stimulus = { application, Controller }
dispatchEvent(new Event("plainwire:started"))

// The page for a server that is out of reach. Browsers have service workers only over https and on localhost.
navigator.serviceWorker?.register("/service_worker.js").catch(() => {})
if (currentUserId()) write("reader", currentUserId()) // that page shows this reader's messages

// What was written in one chat is sent from any page, so that leaving the chat does not delay it.
document.addEventListener("turbo:load", () => {
  uploadsOfThisReader()?.drain()
  senderOfThisReader()?.drain()
})
document.addEventListener("turbo:load", tellTimeZone)

document.documentElement.toggleAttribute("data-runs", true) // start.js waits for it
