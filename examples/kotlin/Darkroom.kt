package darkroom

import java.io.IOException
import java.net.HttpURLConnection
import java.net.URL
import java.util.UUID
import org.json.JSONArray
import org.json.JSONObject

/** The API refused: `code`, `param` and `retryable` are those of its error. */
class Refused(val status: Int, val error: JSONObject) : IOException(error.optString("message"))

/**
 * Darkroom for an Android app, by what Android has. Each call blocks: run it on Dispatchers.IO. [token] asks your own
 * server for one: no key goes into an app.
 */
class Darkroom(private val url: String, private val token: () -> String) {
  /** Starts an edit of a photo. Keep the job's id: with it, an app that was closed finds the job again. */
  fun edit(photo: ByteArray, prompt: String, idempotencyKey: String = UUID.randomUUID().toString()): String {
    val image = JSONObject().put("upload_id", upload(photo))
    val body = JSONObject().put("prompt", prompt).put("images", JSONArray().put(image))
    return send("/api/images/edits", body, mapOf("Idempotency-Key" to idempotencyKey)).getString("id")
  }

  /** The link makes its file once: refused the second time, the file may be there, and the API knows. */
  fun upload(photo: ByteArray): String {
    val tickets = send("/api/uploads", JSONObject().put("expects", JSONArray().put("image")))
    val ticket = tickets.getJSONArray("uploads").getJSONObject(0)
    val id = ticket.getString("upload_id")
    val put = URL(ticket.getString("url")).openConnection() as HttpURLConnection
    put.requestMethod = "PUT"
    put.doOutput = true
    put.setFixedLengthStreamingMode(photo.size)
    val headers = ticket.getJSONObject("headers")
    for (name in headers.keys()) put.setRequestProperty(name, headers.getString(name))
    put.outputStream.use { it.write(photo) }
    if (put.responseCode != 201) send("/api/uploads/$id")
    return id
  }

  /**
   * Watches a job to its end: `images` have a `url` each; a job without one has `error`. [onUpdate] hears of `progress` and
   * `waiting`. Called by the id alone, whenever the app comes back.
   */
  fun ended(id: String, onUpdate: (JSONObject) -> Unit): JSONObject {
    while (true) {
      val job = send("/api/jobs/$id")
      onUpdate(job)
      if (job.getString("status") in setOf("succeeded", "failed", "canceled")) return job
      Thread.sleep(2_000)
    }
  }

  private fun send(path: String, body: JSONObject? = null, headers: Map<String, String> = emptyMap()): JSONObject {
    val request = URL(url + path).openConnection() as HttpURLConnection
    for ((name, value) in headers) request.setRequestProperty(name, value)
    request.setRequestProperty("Authorization", "Bearer ${token()}")
    if (body != null) {
      request.requestMethod = "POST"
      request.doOutput = true
      request.setRequestProperty("Content-Type", "application/json")
      request.outputStream.use { it.write(body.toString().toByteArray()) }
    }
    val isFine = request.responseCode < 300
    val stream = if (isFine) request.inputStream else request.errorStream
    val reply = JSONObject(stream.bufferedReader().use { it.readText() })
    if (!isFine) throw Refused(request.responseCode, reply.getJSONObject("error"))
    return reply
  }
}
