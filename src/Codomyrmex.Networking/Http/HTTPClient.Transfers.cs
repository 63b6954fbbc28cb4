using Codomyrmex.Networking.Http.Internal;
using Codomyrmex.Networking.Http.Protocol;
using Codomyrmex.Networking.Transfers;
using Codomyrmex.Networking.Transfers.Internal;

namespace Codomyrmex.Networking.Http;

/// <summary>Files: from a server to the disk, and back.</summary>
public sealed partial class HTTPClient
{
    /// <inheritdoc cref="DownloadAsync(Request, string, DownloadOptions?, CancellationToken)"/>
    /// <param name="url">An absolute URL, or one relative to the base.</param>
    /// <param name="path">The file to write; a folder, for the name that the server suggests.</param>
    /// <param name="options">How.</param>
    /// <param name="cancellationToken">Cancels the transfer; what has arrived is kept for a later one.</param>
    public Task<TransferResult> DownloadAsync(string url, string path, DownloadOptions? options = null, CancellationToken cancellationToken = default) =>
        DownloadAsync(new Request("GET", url), path, options, cancellationToken);

    /// <summary>
    /// Fetches a file. It appears under its name when it is whole, checked and on the disk; until then it grows beside it under a random
    /// name. A connection that breaks is replaced where the server gives ranges of unchanged content (RFC 9110, section 14), within the
    /// retries of the request; with <see cref="DownloadOptions.Resume"/> a later call goes on where this one failed.
    /// </summary>
    /// <param name="request">A GET.</param>
    /// <param name="path">
    /// The file to write. Where it is a folder, the server suggests the name (<c>Content-Disposition</c>, RFC 6266, else the URL): made
    /// harmless, it stays in that folder.
    /// </param>
    /// <param name="options">How.</param>
    /// <param name="cancellationToken">Cancels the transfer; what has arrived is kept for a later one.</param>
    /// <exception cref="NetworkException">
    /// The server did not answer with the file (<c>http.status</c>, …), the file exists (<c>local.exists</c>), it is not the one expected
    /// (<c>transfer.mismatch</c>), it changed all the time (<c>transfer.changed</c>), or it cannot be written (<c>local.io</c>).
    /// </exception>
    public Task<TransferResult> DownloadAsync(Request request, string path, DownloadOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentException.ThrowIfNullOrEmpty(path);
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        options ??= DownloadOptions.Default;
        options.Validate();
        request.Options.Validate();
        if (request.Method != "GET" || request.Body is not null)
            throw new ArgumentException("A download is a GET without a body.", nameof(request));
        return Download.RunAsync(new HttpRemoteFile(this, Volatile.Read(ref _session), request, options.Total), path, options, cancellationToken);
    }

    /// <summary>Sends a file with PUT.</summary>
    /// <inheritdoc cref="UploadAsync(Request, string, UploadOptions?, CancellationToken)"/>
    /// <param name="url">An absolute URL, or one relative to the base.</param>
    /// <param name="path">The file.</param>
    /// <param name="options">How.</param>
    /// <param name="cancellationToken">Cancels the transfer.</param>
    public Task<TransferResult> UploadAsync(string url, string path, UploadOptions? options = null, CancellationToken cancellationToken = default) =>
        UploadAsync(new Request("PUT", url), path, options, cancellationToken);

    /// <summary>
    /// Sends a file as the body of a request, with its length. It is read anew for each attempt, and sent again by the rules of the
    /// request's method. The answer must be a success.
    /// </summary>
    /// <param name="request">A request without a body: PUT, POST or whatever the server wants.</param>
    /// <param name="path">The file; it must not change meanwhile.</param>
    /// <param name="options">How.</param>
    /// <param name="cancellationToken">Cancels the transfer.</param>
    /// <exception cref="NetworkException">
    /// The answer is no success (<c>http.status</c>), or the file cannot be read or changed meanwhile (<c>local.io</c>).
    /// </exception>
    public async Task<TransferResult> UploadAsync(Request request, string path, UploadOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentException.ThrowIfNullOrEmpty(path);
        options ??= UploadOptions.Default;
        options.Validate();
        if (request.Body is not null)
            throw new ArgumentException("The file is the body.", nameof(request));
        var settings = Options;
        var start = settings.Clock.GetTimestamp();
        var timeouts = request.Options.Timeouts ?? settings.Timeouts;
        var body = new FileBody(path, options, timeouts.Idle, settings.Clock);
        var headers = request.Options.Headers;
        if (options.SendDigest)
        {
            headers = headers is null ? new HeaderMap() : new HeaderMap(headers);
            headers["Repr-Digest"] = DigestField.Text(await body.HashAsync(cancellationToken).ConfigureAwait(false));
        }
        using var response = await SendAsync(request with
        {
            Body = body,
            Options = request.Options with
            {
                Headers = headers,
                Deadline = Deadline.After(options.Total, settings.Clock).Earlier(request.Options.Deadline),
                Timeouts = timeouts with { Total = Timeout.InfiniteTimeSpan },
            },
        }, cancellationToken).ConfigureAwait(false);
        response.EnsureSuccess();
        return new TransferResult
        {
            Path = Path.GetFullPath(path),
            Bytes = body.Size,
            Sha256 = body.Sha256 is { } hash ? Convert.ToHexStringLower(hash) : null,
            Elapsed = settings.Clock.GetElapsedTime(start),
            ETag = response.Field("ETag"),
        };
    }
}
