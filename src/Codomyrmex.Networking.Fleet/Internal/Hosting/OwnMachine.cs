using System.Net;
using Microsoft.AspNetCore.Connections;

namespace Codomyrmex.Networking.Fleet.Internal.Hosting;

/// <summary>
/// Without certificates, machines and programs speak with those of their own computer alone: where the others are is told by what they share, and whoever writes there could name a place of
/// their own.
/// </summary>
internal static class OwnMachine
{
    public static void Demand(IConnectionBuilder connections) => connections.Use(static next => connection => connection.RemoteEndPoint is IPEndPoint { Address: var address } && IPAddress.IsLoopback(address)
        ? next(connection)
        : throw new ConnectionAbortedException($"{connection.RemoteEndPoint} is not on this computer: that takes mutual TLS."));
}
