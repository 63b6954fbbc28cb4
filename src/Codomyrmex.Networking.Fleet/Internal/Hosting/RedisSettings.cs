using StackExchange.Redis;

namespace Codomyrmex.Networking.Fleet.Internal.Hosting;

/// <summary>How a machine and a program reach their fleet's Redis.</summary>
internal static class RedisSettings
{
    /// <summary>Throws where settings make no sense.</summary>
    /// <param name="text">The settings.</param>
    /// <param name="property">Whose they are.</param>
    /// <exception cref="ArgumentException">They make none. It does not say what is there: that may be a piece of the password.</exception>
    public static void Check(string text, string property)
    {
        try
        {
            if (ConfigurationOptions.Parse(text).EndPoints.Count != 0)
                return;
        }
        catch (Exception wrong) when (wrong is ArgumentException or FormatException)
        {
        }
        throw new ArgumentException($"{property}: it is not in the form of StackExchange.Redis, host:port,password=…,ssl=true; a password there has no comma.", property);
    }

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
