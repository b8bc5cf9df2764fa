import { complete } from "lib/request"

const TIMEOUT = 10_000 // ms

/**
 * Sends empty requests to `url`, in each way that a browser knows, and resolves to the network's behaviour, in words. Every
 * behaviour is a result. Rejects only with AbortError, once `signal` is aborted.
 */
export default async function probeSending(url, signal) {
  const attempt = (method, options) => outcome(url, { method, ...options }, signal)
  const trouble = await attempt("POST", { body: complete(new FormData(), "DELETE") })
  if (trouble) return `Nothing can be sent: ${trouble}.`
  const methods = await Promise.all(["PATCH", "DELETE"].map((method) => attempt(method, { body: complete(new FormData(), "POST") })))
  const header = await attempt("POST", { body: withoutToken(), headers: { "X-CSRFToken": complete(new FormData(), "POST").get("csrf_token") } })
  return words(methods, header)
}

function withoutToken() {
  const fields = complete(new FormData(), "DELETE")
  fields.delete("csrf_token")
  return fields
}

async function outcome(url, options, signal) {
  try {
    const response = await fetch(url, { ...options, signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT)]) })
    return response.status === 204 ? null : `answered with ${response.status}`
  } catch {
    signal.throwIfAborted()
    return "no answer"
  }
}

function words([patch, destroy], header) {
  const refused = [patch && `PATCH (${patch})`, destroy && `DELETE (${destroy})`].filter(Boolean)
  const parts = [
    refused.length > 0 && `the network refuses ${refused.join(" and ")}`,
    header && "the network removes headers that it does not know",
  ].filter(Boolean)
  return parts.length > 0 ? `passes; ${parts.join(", and ")}, which Plainwire does without` : "passes in every way"
}
