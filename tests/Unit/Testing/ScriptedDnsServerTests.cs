using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Codomyrmex.Networking.Testing;

namespace Codomyrmex.Networking.Tests.Unit.Testing;

public class ScriptedDnsServerTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static byte[] Query(string name, int type, ushort id = 0x1234)
    {
        var bytes = new List<byte> { (byte)(id >> 8), (byte)id, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0 };
        foreach (var label in name.Split('.'))
            bytes.AddRange([(byte)label.Length, .. Encoding.ASCII.GetBytes(label)]);
        bytes.AddRange([0, (byte)(type >> 8), (byte)type, 0, 1]);
        return [.. bytes];
    }

    private static async Task<(byte[] Answer, IPEndPoint From)> AskAsync(ScriptedDnsServer server, byte[] query)
    {
        using var udp = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        await udp.SendAsync(query, server.EndPoint, Cancel);
        var got = await udp.ReceiveAsync(Cancel);
        return (got.Buffer, got.RemoteEndPoint);
    }

    private static async Task<byte[]> AskTcpAsync(ScriptedDnsServer server, params byte[][] queries)
    {
        using var raw = await RawClient.ConnectAsync(server.Port);
        byte[] answer = [];
        foreach (var query in queries)
        {
            await raw.Stream.WriteAsync((byte[])[(byte)(query.Length >> 8), (byte)query.Length, .. query], Cancel);
            answer = await raw.ReadAsync(BinaryPrimitives.ReadUInt16BigEndian(await raw.ReadAsync(2)));
        }
        return answer;
    }

    [Fact]
    public async Task Addresses_of_the_family_asked_for_go_out()
    {
        await using var server = ScriptedDnsServer.Start(_ => ScriptedDnsAnswer.Of("192.0.2.1", "2001:db8::1") with { TimeToLive = TimeSpan.FromSeconds(300) });
        var query = Query("A.Example", ScriptedDnsQuestion.A);
        var (answer, from) = await AskAsync(server, query);
        Assert.Equal(server.EndPoint, from);
        Assert.Equal(query[..2], answer[..2]);
        Assert.Equal([0x85, 0x80, 0, 1, 0, 1, 0, 0, 0, 0], answer[2..12]);
        Assert.Equal(query[12..], answer[12..query.Length]);
        Assert.Equal([0xC0, 12, 0, 1, 0, 1, 0, 0, 1, 44, 0, 4, 192, 0, 2, 1], answer[query.Length..]);
        (answer, _) = await AskAsync(server, Query("a.example", ScriptedDnsQuestion.Aaaa));
        Assert.Equal(IPAddress.Parse("2001:db8::1").GetAddressBytes(), answer[^16..]);
        Assert.Equal(
            [new ScriptedDnsQuestion("A.Example", 1, false, 1), new ScriptedDnsQuestion("a.example", 28, false, 1)], server.Questions);
    }

    [Fact]
    public async Task A_name_can_be_rebound()
    {
        await using var server = ScriptedDnsServer.Start(question => ScriptedDnsAnswer.Of(question.Occurrence == 1 ? "192.0.2.1" : "127.0.0.1"));
        Assert.Equal([192, 0, 2, 1], (await AskAsync(server, Query("rebind.test", 1))).Answer[^4..]);
        Assert.Equal([127, 0, 0, 1], (await AskAsync(server, Query("REBIND.test", 1))).Answer[^4..]);
    }

    [Fact]
    public async Task A_truncated_answer_is_whole_over_tcp()
    {
        await using var server = ScriptedDnsServer.Start(_ => ScriptedDnsAnswer.Of("192.0.2.1") with { IsTruncated = true });
        var query = Query("a.test", 1);
        var (udp, _) = await AskAsync(server, query);
        Assert.Equal(2, udp[2] & 2);
        Assert.Equal(query.Length, udp.Length);
        var tcp = await AskTcpAsync(server, query, query);
        Assert.Equal(0, tcp[2] & 2);
        Assert.Equal([192, 0, 2, 1], tcp[^4..]);
        Assert.Equal([false, true, true], server.Questions.Select(question => question.OverTcp));
    }

    [Fact]
    public async Task Failures_forgeries_and_garbage_go_out_as_scripted()
    {
        await using var server = ScriptedDnsServer.Start(question => question.Name switch
        {
            "none.test" => ScriptedDnsAnswer.NoSuchName,
            "fail.test" => ScriptedDnsAnswer.ServerFailure,
            "id.test" => ScriptedDnsAnswer.Of("192.0.2.1") with { HasWrongId = true },
            "name.test" => ScriptedDnsAnswer.Of("192.0.2.1") with { HasWrongQuestion = true },
            "port.test" => ScriptedDnsAnswer.Of("192.0.2.1") with { IsFromOtherPort = true },
            "alias.test" => ScriptedDnsAnswer.Of("192.0.2.1") with { CanonicalName = "real.test" },
            "text.test" => new ScriptedDnsAnswer { Records = [new(16, new byte[] { 2, 104, 105 })] },
            "raw.test" => new ScriptedDnsAnswer { Raw = new byte[] { 1, 2, 3 } },
            _ => throw new InvalidOperationException("boom"),
        });
        Assert.Equal(3, (await AskAsync(server, Query("none.test", 1))).Answer[3] & 15);
        Assert.Equal(2, (await AskAsync(server, Query("fail.test", 1))).Answer[3] & 15);
        Assert.NotEqual(0x34, (await AskAsync(server, Query("id.test", 1))).Answer[1]);
        var query = Query("name.test", 1);
        Assert.NotEqual(query[12..], (await AskAsync(server, query)).Answer[12..query.Length]);
        Assert.NotEqual(server.EndPoint, (await AskAsync(server, Query("port.test", 1))).From);
        var alias = (await AskAsync(server, Query("alias.test", 1))).Answer;
        Assert.Equal(2, alias[7]);
        Assert.Contains("real", Encoding.Latin1.GetString(alias));
        Assert.Equal([0, 3, 2, 104, 105], (await AskAsync(server, Query("text.test", 16))).Answer[^5..]);
        Assert.Equal([1, 2, 3], (await AskAsync(server, Query("raw.test", 1))).Answer);
        await Assert.ThrowsAsync<EndOfStreamException>(() => AskTcpAsync(server, Query("boom.test", 1)));
        Assert.Equal("boom", Assert.Single(server.Failures).Message);
    }

    [Fact]
    public async Task A_forged_answer_can_run_ahead_of_the_true_one()
    {
        await using var server = ScriptedDnsServer.Start(_ =>
            ScriptedDnsAnswer.Of("192.0.2.66") with { IsFromOtherPort = true, Then = ScriptedDnsAnswer.Of("192.0.2.1") });
        using var udp = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        await udp.SendAsync(Query("a.test", 1), server.EndPoint, Cancel);
        var first = await udp.ReceiveAsync(Cancel);
        var second = await udp.ReceiveAsync(Cancel);
        Assert.NotEqual(server.EndPoint, first.RemoteEndPoint);
        Assert.Equal(66, first.Buffer[^1]);
        Assert.Equal(server.EndPoint, second.RemoteEndPoint);
        Assert.Equal(1, second.Buffer[^1]);
    }

    [Fact]
    public async Task Silence_and_malformed_queries_get_no_answer()
    {
        var asked = new TaskCompletionSource();
        await using var server = ScriptedDnsServer.Start(question =>
        {
            if (question.Name == "end.test")
                return ScriptedDnsAnswer.Of("192.0.2.1");
            asked.TrySetResult();
            return ScriptedDnsAnswer.Nothing;
        });
        using var udp = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        foreach (var query in (byte[][])[[1], new byte[40], [.. Query("a.test", 1)[..12], 63, 1], Query("quiet.test", 1)])
            await udp.SendAsync(query, server.EndPoint, Cancel);
        await asked.Task;
        await udp.SendAsync(Query("end.test", 1, 0x7777), server.EndPoint, Cancel);
        Assert.Equal(0x77, (await udp.ReceiveAsync(Cancel)).Buffer[0]);
        await Assert.ThrowsAsync<EndOfStreamException>(() => AskTcpAsync(server, Query("quiet.test", 1)));
    }
}
