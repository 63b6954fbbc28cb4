using StackExchange.Redis;

namespace Codomyrmex.Networking.Fleet.Internal.Hosting;

/// <summary>How a machine and a program reach their fleet's Redis.</summary>
internal static class RedisSettings
{
    /// <summary>Reads them.</summary>
    /// <exception cref="ArgumentException">They make no sense.</exception>
    public static ConfigurationOptions Parse(string text)
    {
        var settings = ConfigurationOptions.Parse(text);
        // A Redis that starts again is waited for; a machine that starts without one is told so.
        settings.AbortOnConnectFail = false;
        settings.ConnectTimeout = Math.Min(settings.ConnectTimeout, 2000);
        settings.AsyncTimeout = settings.SyncTimeout = 2000;
        settings.ReconnectRetryPolicy = new LinearRetry(500);
        return settings;
    }
}
