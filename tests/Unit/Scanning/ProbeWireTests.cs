using System.Net;
using System.Net.Sockets;
using Codomyrmex.Networking.Transport.Internal;

namespace Codomyrmex.Networking.Tests.Unit.Scanning;

/// <summary>The wires of every system say what the fast ones of Linux say.</summary>
public sealed class ProbeWireTests
{
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public void Portable_wire_says_the_same_as_the_fast_one(string address)
    {
        using var listener = new Socket(IPAddress.Parse(address).AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Parse(address), 0));
        listener.Listen(16);
        var port = ((IPEndPoint)listener.LocalEndPoint!).Port;
        foreach (var wire in (IProbeWire[])[new PortableConnectWire(4, null), new LinuxConnectWire(4, null)])
        {
            using (wire)
            {
                var target = new ProbeAddress(IPAddress.Parse(address));
                Assert.Equal(ProbeAnswer.Connected, Ask(wire, 0, target, port));
                Assert.Equal(ProbeAnswer.Refused, Ask(wire, 0, target, 1));
                Assert.Equal(ProbeAnswer.Refused, Ask(wire, 1, target, 2));
                Assert.Equal(ProbeAnswer.Connected, Ask(wire, 1, target, port));
            }
        }
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public void Portable_wire_for_datagrams_says_the_same_as_the_fast_one(string address)
    {
        var ip = IPAddress.Parse(address);
        using var echo = Bound(ip);
        using var silent = Bound(ip);
        foreach (var wire in (IProbeWire[])[new PortableDatagramWire(4, null, static _ => "hello"u8.ToArray()), new LinuxDatagramWire(4, null, static _ => "hello"u8.ToArray())])
        {
            using (wire)
            {
                var target = new ProbeAddress(ip);
                for (var i = 0; i < 2; i++)
                {
                    Assert.Equal(ProbeAnswer.Pending, wire.Send(0, target, PortOf(echo)));
                    EndPoint peer = new IPEndPoint(ip, 0);
                    var question = new byte[16];
                    Assert.Equal("hello"u8, question.AsSpan(0, echo.ReceiveFrom(question, ref peer)));
                    echo.SendTo("answer"u8, peer);
                    Assert.Equal(ProbeAnswer.Replied, Await(wire));
                }
                Assert.Equal(ProbeAnswer.PortUnreachable, Ask(wire, 1, target, 1));
                // Silence is no answer, nor is one that comes after the probe was given up.
                Assert.Equal(ProbeAnswer.Pending, wire.Send(2, target, PortOf(silent)));
                wire.Abandon(2);
                Assert.Equal(ProbeAnswer.PortUnreachable, Ask(wire, 2, target, 2));
                Assert.Equal(0, wire.Receive(new ProbeReply[256], TimeSpan.Zero));
            }
        }
    }

    [Fact]
    public void Datagram_of_somebody_else_is_no_answer()
    {
        using var asked = Bound(IPAddress.Loopback);
        using var stranger = Bound(IPAddress.Loopback);
        foreach (var wire in (IProbeWire[])[new PortableDatagramWire(1, null, static _ => "hello"u8.ToArray()), new LinuxDatagramWire(1, null, static _ => "hello"u8.ToArray())])
        {
            using (wire)
            {
                Assert.Equal(ProbeAnswer.Pending, wire.Send(0, new ProbeAddress(IPAddress.Loopback), PortOf(asked)));
                EndPoint peer = new IPEndPoint(IPAddress.Loopback, 0);
                asked.ReceiveFrom(new byte[16], ref peer);
                stranger.SendTo("answer"u8, peer);
                Assert.Equal(0, wire.Receive(new ProbeReply[256], TimeSpan.Zero));
                asked.SendTo("answer"u8, peer);
                Assert.Equal(ProbeAnswer.Replied, Await(wire));
            }
        }
    }

    private static Socket Bound(IPAddress address)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(address, 0));
        return socket;
    }

    private static int PortOf(Socket socket) => ((IPEndPoint)socket.LocalEndPoint!).Port;

    private static ProbeAnswer Ask(IProbeWire wire, int slot, ProbeAddress address, int port)
    {
        var answer = wire.Send(slot, address, port);
        return answer == ProbeAnswer.Pending ? Await(wire) : answer;
    }

    private static ProbeAnswer Await(IProbeWire wire)
    {
        var replies = new ProbeReply[256];
        for (var i = 0; i < 50; i++)
        {
            if (wire.Receive(replies, TimeSpan.FromMilliseconds(100)) > 0)
                return replies[0].Answer;
        }
        return ProbeAnswer.Pending;
    }
}
