using System.Net.Sockets;
using System.Reflection;
using System.Runtime.CompilerServices;
using Renci.SshNet;
using Renci.SshNet.Common;
using Renci.SshNet.Messages;
using Renci.SshNet.Messages.Authentication;

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

    // The engine's own types, which no accessor can name.
    private static readonly FieldInfo? Factory = typeof(Session).GetField("_sshMessageFactory", BindingFlags.Instance | BindingFlags.NonPublic);
    private static readonly FieldInfo? Enabled = Type.GetType("Renci.SshNet.SshMessageFactory, Renci.SshNet")?.GetField("_enabledMessagesByNumber", BindingFlags.Instance | BindingFlags.NonPublic);

    public static Session NewSession(ConnectionInfo connection) => NewSession(connection, NewServices(), NewSockets());

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "SendMessage")]
    public static extern void Send(Session session, Message message);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_socket")]
    public static extern ref Socket? SocketOf(Session session);

    /// <summary>Set while no key exchange is under way.</summary>
    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_keyExchangeCompletedWaitHandle")]
    public static extern ref ManualResetEventSlim? KeysAgreed(Session session);

    /// <summary>Tells of each refusal in authentication; the first answers the question which ways there are.</summary>
    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "add_UserAuthenticationFailureReceived")]
    public static extern void OnAuthenticationFailure(Session session, EventHandler<MessageEventArgs<FailureMessage>> handler);

    /// <summary>The makers of messages by their numbers, of which one may be put in the place of another; null where the engine has none.</summary>
    public static object?[]? MessageMakers(Session session) => Factory?.GetValue(session) is { } factory ? Enabled?.GetValue(factory) as object?[] : null;

    /// <summary>A message that has just come, whole: the engine reads no more of some than it needs itself.</summary>
    public static byte[] PayloadOf(Message message, byte number)
    {
        if (StreamOf(message) is not { } stream)
            return [number];
        stream.Position = 0;
        var payload = new byte[1 + stream.Length];
        payload[0] = number;
        stream.ReadExactly(payload.AsSpan(1));
        return payload;
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_stream")]
    private static extern ref SshDataStream? StreamOf(SshData data);

    [UnsafeAccessor(UnsafeAccessorKind.Constructor)]
    [return: UnsafeAccessorType(Services)]
    private static extern object NewServices();

    [UnsafeAccessor(UnsafeAccessorKind.Constructor)]
    [return: UnsafeAccessorType(Sockets)]
    private static extern object NewSockets();

    [UnsafeAccessor(UnsafeAccessorKind.Constructor)]
    private static extern Session NewSession(ConnectionInfo connection, [UnsafeAccessorType(ServicesContract)] object services, [UnsafeAccessorType(SocketsContract)] object sockets);
}
