namespace Codomyrmex.Networking.Tests.Unit.Repository;

/// <summary>The exit codes of the command line that stand for exceptions, as its contract lists them.</summary>
internal static class ExitCodeTable
{
    public static IReadOnlyDictionary<Type, int> Codes { get; } = new Dictionary<Type, int>
    {
        [typeof(NetworkException)] = 70,
        [typeof(ConnectionException)] = 71,
        [typeof(DNSResolutionException)] = 72,
        [typeof(NetworkTimeoutException)] = 73,
        [typeof(SSLException)] = 74,
        [typeof(HTTPException)] = 75,
        [typeof(StreamTruncatedException)] = 75,
        [typeof(WebSocketException)] = 76,
        [typeof(ProxyException)] = 77,
        [typeof(RateLimitException)] = 78,
        [typeof(ModelException)] = 70,
        [typeof(RpcException)] = 70,
        [typeof(SSHException)] = 79,
        [typeof(SftpException)] = 79,
        [typeof(PolicyException)] = 80,
    };
}
