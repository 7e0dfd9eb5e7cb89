import Foundation
#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

struct Job: Decodable, Sendable {
  struct Image: Decodable, Sendable { let url: URL, width: Int, height: Int }
  struct Reason: Decodable, Sendable { let code: String, message: String, retryable: Bool }
  struct Waiting: Decodable, Sendable { let reason: String, until: String, position: Int }
  let id: String, status: String, progress: Double
  let images: [Image]
  let error: Reason?
  let waiting: Waiting?
  var hasEnded: Bool { ["succeeded", "failed", "canceled"].contains(status) }
}

struct Refused: Decodable, Error, Sendable {
  struct Details: Decodable, Sendable { let code: String, message: String, param: String?, retryable: Bool }
  let error: Details
}

struct Ticket: Decodable, Sendable { let upload_id: String, url: URL, headers: [String: String] }

/// Darkroom for an iOS app. `token` asks your own server for one: no key goes into an app.
struct Darkroom: Sendable {
  let url: URL
  let token: @Sendable () async throws -> String

  /// Starts an edit of a photo. Keep the job's id: with it, an app that was closed finds the job again.
  func edit(photo: Data, prompt: String, idempotencyKey: String = UUID().uuidString) async throws -> Job {
    let body: [String: Any] = ["prompt": prompt, "images": [["upload_id": try await upload(photo)]]]
    return try await send("api/images/edits", body: body, headers: ["Idempotency-Key": idempotencyKey])
  }

  /// The link makes its file once: refused the second time, the file may be there, and the API knows.
  func upload(_ photo: Data) async throws -> String {
    struct Tickets: Decodable { let uploads: [Ticket] }
    struct Upload: Decodable { let bytes: Int }
    let tickets: Tickets = try await send("api/uploads", body: ["expects": ["image"]])
    let ticket = tickets.uploads[0]
    var put = URLRequest(url: ticket.url)
    put.httpMethod = "PUT"
    put.httpBody = photo
    ticket.headers.forEach { put.setValue($1, forHTTPHeaderField: $0) }
    let (_, response) = try await URLSession.shared.data(for: put)
    if (response as? HTTPURLResponse)?.statusCode != 201 {
      let _: Upload = try await send("api/uploads/\(ticket.upload_id)")
    }
    return ticket.upload_id
  }

  /// Watches a job to its end. Called by the id alone, whenever the app comes back.
  func ended(_ id: String, onUpdate: (Job) -> Void) async throws -> Job {
    while true {
      let job: Job = try await send("api/jobs/\(id)")
      onUpdate(job)
      if job.hasEnded { return job }
      try await Task.sleep(nanoseconds: 2_000_000_000)
    }
  }

  private func send<Reply: Decodable>(
    _ path: String, body: [String: Any]? = nil, headers: [String: String] = [:]
  ) async throws -> Reply {
    let bearer = try await token()
    var request = URLRequest(url: url.appendingPathComponent(path))
    headers.forEach { request.setValue($1, forHTTPHeaderField: $0) }
    request.setValue("Bearer \(bearer)", forHTTPHeaderField: "Authorization")
    if let body = body {
      request.httpMethod = "POST"
      request.httpBody = try JSONSerialization.data(withJSONObject: body)
      request.setValue("application/json", forHTTPHeaderField: "Content-Type")
    }
    let (data, response) = try await URLSession.shared.data(for: request)
    guard let status = (response as? HTTPURLResponse)?.statusCode, status < 300 else {
      throw try JSONDecoder().decode(Refused.self, from: data)
    }
    return try JSONDecoder().decode(Reply.self, from: data)
  }
}
