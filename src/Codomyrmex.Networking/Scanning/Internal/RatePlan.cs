using System.Net;
using Codomyrmex.Networking.Security;

namespace Codomyrmex.Networking.Scanning.Internal;

/// <summary>Which rate holds for which address, each shared by all addresses of its kind.</summary>
internal sealed class RatePlan(PortScannerOptions options, long frequency)
{
    private const int PrivateRate = 5000;
    private const int PublicRate = 1000;

    private readonly Pacer _own = new(double.PositiveInfinity, frequency);
    private readonly Pacer _private = new(PerSecond(options.ProbesPerSecond, PrivateRate), frequency);
    private readonly Pacer _public = new(PerSecond(options.ProbesPerSecond, PublicRate), frequency);
    private readonly Pacer? _all = options.ProbesPerSecond is { } given ? new(PerSecond(given, 0), frequency) : null;

    public Pacer For(IPAddress address) =>
        _all ?? (IPAddress.IsLoopback(address) ? _own : SpecialUseAddresses.Find(address) is null ? _public : _private);

    private static double PerSecond(int? given, int otherwise) => given switch
    {
        PortScannerOptions.Unlimited => double.PositiveInfinity,
        { } rate => rate,
        null => otherwise,
    };
}
