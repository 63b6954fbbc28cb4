using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Renci.SshNet;
using Renci.SshNet.Messages;

namespace Codomyrmex.Networking.Ssh.Internal.Engine;

/// <summary>
/// What the engine keeps to itself and we need: a session of our own, its socket, and to send messages of the connection protocol. The package is pinned
/// to one exact version, since these names are nobody's promise; whoever moves it runs the tests against real servers.
/// </summary>
internal static class EngineAccess
{
    private const string Services = "Renci.SshNet.ServiceFactory, Renci.SshNet";
    private const string Sockets = "Renci.SshNet.Connection.SocketFactory, Renci.SshNet";
    private const string ServicesContract = "Renci.SshNet.IServiceFactory, Renci.SshNet";
    private const string SocketsContract = "Renci.SshNet.Connection.ISocketFactory, Renci.SshNet";

    public static Session NewSession(ConnectionInfo connection) => NewSession(connection, NewServices(), NewSockets());

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "SendMessage")]
    public static extern void Send(Session session, Message message);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_socket")]
    public static extern ref Socket? SocketOf(Session session);

    /// <summary>Set while no key exchange is under way.</summary>
    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_keyExchangeCompletedWaitHandle")]
    public static extern ref ManualResetEventSlim? KeysAgreed(Session session);

    [UnsafeAccessor(UnsafeAccessorKind.Constructor)]
    [return: UnsafeAccessorType(Services)]
    private static extern object NewServices();

    [UnsafeAccessor(UnsafeAccessorKind.Constructor)]
    [return: UnsafeAccessorType(Sockets)]
    private static extern object NewSockets();

    [UnsafeAccessor(UnsafeAccessorKind.Constructor)]
    private static extern Session NewSession(ConnectionInfo connection, [UnsafeAccessorType(ServicesContract)] object services, [UnsafeAccessorType(SocketsContract)] object sockets);
}
