using System.Net;

namespace Codomyrmex.Networking.Benchmarks.Resilience;

/// <summary>Answers from memory, at once or after a hop through the thread pool: what is left is the cost of what stands before it.</summary>
internal sealed class InstantHandler(bool isLate, bool statesLimits, string cacheControl = "no-store") : HttpMessageHandler
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        isLate ? LateAsync(request) : Task.FromResult(Answer(request));

    private async Task<HttpResponseMessage> LateAsync(HttpRequestMessage request)
    {
        await Task.Yield();
        return Answer(request);
    }

    private HttpResponseMessage Answer(HttpRequestMessage request)
    {
        var message = new HttpResponseMessage(HttpStatusCode.OK) { RequestMessage = request, Content = new ByteArrayContent([]) };
        message.Headers.TryAddWithoutValidation("Date", "Thu, 01 Jan 2026 00:00:00 GMT");
        message.Headers.TryAddWithoutValidation("Server", "bench");
        message.Headers.TryAddWithoutValidation("Cache-Control", cacheControl);
        message.Headers.TryAddWithoutValidation("x-request-id", "0123456789");
        if (!statesLimits)
            return message;
        message.Headers.TryAddWithoutValidation("x-ratelimit-limit-requests", "1000000");
        message.Headers.TryAddWithoutValidation("x-ratelimit-remaining-requests", "999999");
        message.Headers.TryAddWithoutValidation("x-ratelimit-reset-requests", "6m0s");
        message.Headers.TryAddWithoutValidation("x-ratelimit-limit-tokens", "10000000");
        message.Headers.TryAddWithoutValidation("x-ratelimit-remaining-tokens", "9999999");
        message.Headers.TryAddWithoutValidation("x-ratelimit-reset-tokens", "120ms");
        return message;
    }
}
