using Codomyrmex.Networking.Testing;

namespace Codomyrmex.Networking.Tests.Unit.Http;

internal static class StallingExchange
{
    /// <summary>Says nothing (more) until the server is disposed of.</summary>
    public static async Task RouteStallAsync(this LoopbackExchange exchange)
    {
        await Task.Delay(Timeout.Infinite, exchange.Aborted);
    }
}
