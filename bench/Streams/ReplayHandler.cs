namespace Codomyrmex.Networking.Benchmarks.Streams;

/// <summary>Answers with a body from memory: what is measured is what lies above the connection.</summary>
internal sealed class ReplayHandler(byte[] body, int piece, string contentType) : HttpMessageHandler
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var content = new StreamContent(new ReplayStream(body, piece));
        content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        return Task.FromResult(new HttpResponseMessage { Content = content, RequestMessage = request });
    }
}
