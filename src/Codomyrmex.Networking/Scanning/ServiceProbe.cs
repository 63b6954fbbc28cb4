namespace Codomyrmex.Networking.Scanning;

/// <summary>
/// A question of your own to an open TCP port, over a connection of its own: what listens there, or null where it is not what you know. It may throw
/// a <see cref="NetworkException"/>, an <see cref="IOException"/> or a <see cref="FormatException"/>, which say "not recognised" as well.
/// </summary>
/// <param name="port">The port.</param>
/// <param name="connection">A connection to it, closed when the call is over.</param>
/// <param name="cancellationToken">Fires when the time for the port is up.</param>
public delegate ValueTask<ServiceInfo?> ServiceProbe(PortResult port, Stream connection, CancellationToken cancellationToken);
