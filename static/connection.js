// For the page that measures the connection.
import { application } from "@hotwired/stimulus"
import NetworkProbeController from "controllers/network_probe_controller"

application.register("network-probe", NetworkProbeController)
