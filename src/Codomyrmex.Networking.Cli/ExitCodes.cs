namespace Codomyrmex.Networking.Cli;

/// <summary>What the process answers to its caller; the command line's contract lists them.</summary>
internal static class ExitCodes
{
    public const int Done = 0;
    public const int Defect = 1;
    public const int Usage = 64;
    public const int Http = 75;
    public const int Interrupted = 130;

    public static int Of(NetworkException error) => error switch
    {
        ConnectionException => 71,
        DNSResolutionException => 72,
        NetworkTimeoutException => 73,
        SSLException => 74,
        HTTPException => Http,
        WebSocketException => 76,
        ProxyException => 77,
        RateLimitException => 78,
        SSHException => 79,
        PolicyException => 80,
        _ => 70,
    };
}
