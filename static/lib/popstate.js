let listener = null

// On window, listeners run in the order in which they were added, in whatever phase. So application.js imports this
// module before Turbo, which would load the page again.
addEventListener("popstate", (event) => {
  if (listener?.(event)) event.stopImmediatePropagation()
})

/**
 * Lets `taken(event)` hear first when the reader goes back or forward. Where it returns true, Turbo does not hear it.
 */
export function beforeTurboPops(taken) {
  listener = taken
}

/** Ends that. */
export function leaveToTurbo(taken) {
  if (listener === taken) listener = null
}
