// For the pages on which somebody chooses a picture of themselves.
import { application } from "@hotwired/stimulus"
import PortraitController from "controllers/portrait_controller"

application.register("portrait", PortraitController)
