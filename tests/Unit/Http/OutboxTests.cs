using System.Text;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Http.Protocol;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Codomyrmex.Networking.Tests.Unit.Http;

/// <summary>Requests that wait on the disk until their server has answered.</summary>
public sealed class OutboxTests : IDisposable
{
    private readonly TemporaryDirectory _folder = new();
    private readonly FakeTimeProvider _clock = new(DateTimeOffset.UnixEpoch.AddYears(56));
    private readonly MockTransport _server;
    private readonly HTTPClient _client;

    public OutboxTests()
    {
        _server = new MockTransport(_clock);
        _client = new HTTPClient(new HTTPClientOptions { MessageHandler = _server, Clock = _clock, Retry = RetryOptions.None });
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private string File => System.IO.Path.Combine(_folder.Path, "outbox");

    public void Dispose()
    {
        _client.Dispose();
        _folder.Dispose();
    }

    private static Request Order(int number, string? key = null) => new("POST", "https://shop.test/orders")
    {
        Body = RequestBody.Text($"order {number}"),
        Options = new RequestOptions { IdempotencyKey = key },
    };

    private Outbox Open(OutboxOptions? options = null) => Outbox.Open(File, _client, options);

    private static async Task<List<OutboxDelivery>> DeliverAsync(Outbox outbox)
    {
        var all = new List<OutboxDelivery>();
        await foreach (var delivery in outbox.DeliverAsync(Stop))
            all.Add(delivery);
        return all;
    }

    [Fact]
    public async Task Request_is_on_the_disk_before_it_is_sent_and_leaves_it_after_the_answer()
    {
        var waiting = -1L;
        _server.When("POST", "*").Reply((_, _) =>
        {
            waiting = new FileInfo(File).Length;
            return ValueTask.FromResult(new MockReply { Status = 201 });
        });
        using var outbox = Open();
        using var response = await outbox.SendAsync(Order(1), Stop);
        Assert.Equal((201, 0), (response.Status, outbox.Count));
        Assert.True(waiting > 0);
    }

    [Fact]
    public async Task What_waits_is_sent_again_after_a_restart_in_order_with_the_same_keys()
    {
        _server.When("POST", "*").Reply(503);
        using (var before = Open())
        {
            for (var i = 0; i < 3; i++)
                await before.AddAsync(new Request("POST", "https://shop.test/orders") { Body = RequestBody.Text($"order {i}"), Options = new RequestOptions { Headers = new HeaderMap { ["X-Trace"] = "on" }, Query = [new("n", $"{i}&")] } }, Stop);
            Assert.Equal(OutboxOutcome.Waiting, Assert.Single(await DeliverAsync(before)).Outcome);
        }
        _server.When("POST", "*").Reply(200);
        using var after = Open();
        Assert.Equal(3, after.Entries.Count);
        Assert.All(await DeliverAsync(after), delivery => Assert.Equal(OutboxOutcome.Delivered, delivery.Outcome));
        Assert.Equal(0, after.Count);
        var sent = _server.Calls.Skip(1).ToArray();
        Assert.Equal(["order 0", "order 1", "order 2"], sent.Select(call => call.Text));
        Assert.Equal(["?n=0%26", "?n=1%26", "?n=2%26"], sent.Select(call => call.Url.Query));
        Assert.All(sent, call => Assert.Equal(("on", "text/plain; charset=utf-8"), (call.Headers["X-Trace"], call.Headers["Content-Type"])));
        Assert.Equal(_server.Calls[0].Headers["Idempotency-Key"], sent[0].Headers["Idempotency-Key"]);
        Assert.Equal(3, sent.Select(call => call.Headers["Idempotency-Key"]).Distinct().Count());
    }

    [Theory]
    [InlineData(200, OutboxOutcome.Delivered)]
    [InlineData(400, OutboxOutcome.Rejected)]
    [InlineData(422, OutboxOutcome.Rejected)]
    [InlineData(501, OutboxOutcome.Rejected)]
    [InlineData(408, OutboxOutcome.Waiting)]
    [InlineData(409, OutboxOutcome.Waiting)]
    [InlineData(429, OutboxOutcome.Waiting)]
    [InlineData(503, OutboxOutcome.Waiting)]
    public async Task Only_a_final_answer_lets_a_request_leave(int status, OutboxOutcome outcome)
    {
        _server.When("POST", "*").Reply(status);
        using var outbox = Open();
        await outbox.AddAsync(Order(1), Stop);
        var delivery = Assert.Single(await DeliverAsync(outbox));
        Assert.Equal((outcome, status, outcome == OutboxOutcome.Waiting ? 1 : 0), (delivery.Outcome, delivery.Response!.Status, outbox.Count));
    }

    [Fact]
    public async Task Failure_without_an_answer_keeps_the_request_and_one_origins_trouble_is_not_anothers()
    {
        _server.When("POST", "https://down.test/*").Reply(MockReply.Fail(ErrorCodes.TcpReset));
        _server.When("POST", "https://shop.test/*").Reply(200);
        using var outbox = Open();
        foreach (var host in (string[])["down", "down", "shop"])
            await outbox.AddAsync(new Request("POST", $"https://{host}.test/x"), Stop);
        var deliveries = await DeliverAsync(outbox);
        Assert.Equal([OutboxOutcome.Waiting, OutboxOutcome.Delivered], deliveries.Select(delivery => delivery.Outcome));
        Assert.Equal(ErrorCodes.TcpReset, deliveries[0].Error!.Code);
        Assert.Equal(2, outbox.Count);
        var error = await Assert.ThrowsAsync<ConnectionException>(() => outbox.SendAsync(new Request("POST", "https://down.test/y"), Stop));
        Assert.Equal((ErrorCodes.TcpReset, 3), (error.Code, outbox.Count));
    }

    [Fact]
    public async Task Request_that_is_too_old_for_its_key_is_not_sent_again()
    {
        _server.When("POST", "*").Reply(200);
        using var outbox = Open(new OutboxOptions { MaxAge = TimeSpan.FromHours(1) });
        await outbox.AddAsync(Order(1), Stop);
        _clock.Advance(TimeSpan.FromMinutes(61));
        Assert.Equal(OutboxOutcome.Expired, Assert.Single(await DeliverAsync(outbox)).Outcome);
        Assert.Equal((0, 0), (outbox.Count, _server.Calls.Count));
    }

    [Fact]
    public async Task Full_box_refuses_and_sends_nothing()
    {
        _server.When("POST", "*").Reply(200);
        using var outbox = Open(new OutboxOptions { MaxEntries = 2, MaxBytes = 100_000 });
        var large = new Request("POST", "https://shop.test/") { Body = RequestBody.Bytes(new byte[90_000]) };
        Assert.Equal(ErrorCodes.OutboxFull, (await Assert.ThrowsAsync<NetworkException>(() => outbox.AddAsync(large, Stop))).Code);
        var endless = new Request("POST", "https://shop.test/") { Body = RequestBody.OneShot(new Endless()) };
        Assert.Equal(ErrorCodes.OutboxFull, (await Assert.ThrowsAsync<NetworkException>(() => outbox.AddAsync(endless, Stop))).Code);
        await outbox.AddAsync(Order(1), Stop);
        await outbox.AddAsync(Order(2), Stop);
        var error = await Assert.ThrowsAsync<NetworkException>(() => outbox.SendAsync(Order(3), Stop));
        Assert.Equal((ErrorCodes.OutboxFull, WasSent.Never, true), (error.Code, error.WasSent, error.IsTransient));
        Assert.Empty(_server.Calls);
    }

    [Fact]
    public async Task Secrets_are_refused_and_the_file_is_the_owners_alone()
    {
        using var outbox = Open();
        foreach (var request in new[]
        {
            new Request("POST", "https://shop.test/") { Options = new RequestOptions { Headers = new HeaderMap { ["Authorization"] = "Bearer canary-7391" } } },
            new Request("POST", "https://shop.test/") { Options = new RequestOptions { Credential = Credential.Bearer("canary-7391") } },
            new Request("POST", "https://shop.test/") { Options = new RequestOptions { Query = [new("api_key", "canary-7391")] } },
            new Request("POST", "https://shop.test/?token=canary-7391"),
            new Request("POST", "https://u:canary-7391@shop.test/"),
        })
            await Assert.ThrowsAsync<ArgumentException>(() => outbox.AddAsync(request, Stop));
        Assert.Equal(0, new FileInfo(File).Length);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(File));
    }

    [Fact]
    public async Task Key_that_waits_already_is_refused()
    {
        using var outbox = Open();
        await outbox.AddAsync(Order(1, "k"), Stop);
        await Assert.ThrowsAsync<ArgumentException>(() => outbox.AddAsync(Order(2, "k"), Stop));
    }

    [Fact]
    public void Second_opening_is_refused_while_the_first_lasts()
    {
        using (Open())
            Assert.Equal(ErrorCodes.OutboxJournal, Assert.Throws<NetworkException>(() => Open()).Code);
        Open().Dispose();
    }

    [Fact]
    public async Task Torn_end_is_cut_off_at_whatever_byte_it_was_torn()
    {
        using (var outbox = Open())
        {
            await outbox.AddAsync(Order(1, "one"), Stop);
            await outbox.AddAsync(Order(2, "two"), Stop);
        }
        var whole = await System.IO.File.ReadAllBytesAsync(File, Stop);
        var first = whole.AsSpan().IndexOf((byte)'\n') + 1;
        for (var length = first; length < whole.Length; length += 7)
        {
            await System.IO.File.WriteAllBytesAsync(File, whole[..length], Stop);
            using var outbox = Open();
            Assert.Equal("one", Assert.Single(outbox.Entries).Key);
            await outbox.AddAsync(Order(3, "three"), Stop);
            Assert.Equal(2, outbox.Count);
        }
    }

    [Fact]
    public async Task Damage_in_the_middle_is_refused_and_nothing_is_changed()
    {
        using (var outbox = Open())
        {
            await outbox.AddAsync(Order(1), Stop);
            await outbox.AddAsync(Order(2), Stop);
        }
        var bytes = await System.IO.File.ReadAllBytesAsync(File, Stop);
        bytes[30] ^= 1;
        await System.IO.File.WriteAllBytesAsync(File, bytes, Stop);
        var error = Assert.Throws<NetworkException>(() => Open());
        Assert.Equal(ErrorCodes.OutboxJournal, error.Code);
        Assert.Contains("damaged at byte 0", error.Message);
        Assert.Equal(bytes, await System.IO.File.ReadAllBytesAsync(File, Stop));
    }

    [Fact]
    public async Task File_is_written_anew_when_most_of_it_is_done_and_stays_locked()
    {
        _server.When("POST", "*").Reply(200);
        using var outbox = Open();
        await outbox.AddAsync(Order(0, "stays"), Stop);
        for (var i = 0; i < 30; i++)
        {
            using var response = await outbox.SendAsync(new Request("POST", "https://shop.test/") { Body = RequestBody.Bytes(new byte[20_000]) }, Stop);
            Assert.True(new FileInfo(File).Length < 400_000);
        }
        Assert.Equal([File, File + ".lock"], Directory.GetFiles(_folder.Path).Order(StringComparer.Ordinal));
        Assert.Throws<NetworkException>(() => Open());
        outbox.Dispose();
        using var again = Open();
        Assert.Equal("stays", Assert.Single(again.Entries).Key);
    }

    [Fact]
    public void Who_meets_the_file_while_it_is_replaced_is_refused_too()
    {
        using var outbox = Open();
        // As when another process has opened the file, and its name belongs to a new one when it gets the lock.
        System.IO.File.Move(File, File + ".old");
        Assert.Equal(ErrorCodes.OutboxJournal, Assert.Throws<NetworkException>(() => Open()).Code);
    }

    [Fact]
    public async Task What_is_put_in_while_the_file_is_written_anew_is_in_it()
    {
        // Every fourth one stays: the box is emptied, written anew and added to at the same time.
        _server.When("POST", "*").Reply((call, _) => ValueTask.FromResult(new MockReply { Status = call.Url.Query.EndsWith('0') ? 503 : 200 }));
        using (var outbox = Open())
        {
            await Task.WhenAll(Enumerable.Range(0, 4).Select(writer => Task.Run(async () =>
            {
                for (var i = 0; i < 40; i++)
                {
                    var request = new Request("POST", $"https://shop{writer}-{i}.test/?{i % 4}")
                    {
                        Body = RequestBody.Bytes(new byte[20_000]),
                        Options = new RequestOptions { IdempotencyKey = $"{writer}-{i}" },
                    };
                    await outbox.AddAsync(request, Stop);
                    if (i % 8 == 7)
                        (await DeliverAsync(outbox)).ForEach(delivery => delivery.Response?.Dispose());
                }
            })));
            (await DeliverAsync(outbox)).ForEach(delivery => delivery.Response?.Dispose());
        }
        using var again = Open();
        var left = Enumerable.Range(0, 4).SelectMany(writer => Enumerable.Range(0, 10).Select(i => $"{writer}-{i * 4}"));
        Assert.Equal(left.Order(StringComparer.Ordinal), again.Entries.Select(entry => entry.Key).Order(StringComparer.Ordinal));
        // What was done is not in it any more: it was written anew.
        Assert.InRange(new FileInfo(File).Length, 0, (2 * 40 * 27_000) + 300_000);
    }

    [Fact]
    public async Task Calls_at_the_same_time_send_each_request_once()
    {
        _server.When("POST", "*").Reply(200);
        using var outbox = Open();
        for (var i = 0; i < 50; i++)
            await outbox.AddAsync(Order(i), Stop);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => DeliverAsync(outbox)).Append(Task.Run(async () =>
        {
            (await outbox.SendAsync(Order(50), Stop)).Dispose();
            return new List<OutboxDelivery>();
        })));
        Assert.Equal((51, 51, 0), (_server.Calls.Count, _server.Calls.Select(call => call.Headers["Idempotency-Key"]).Distinct().Count(), outbox.Count));
    }

    [Fact]
    public void Record_is_read_back_as_it_was_written_and_no_other_bytes_are_one()
    {
        var record = new OutboxRecord("k", "POST") { Url = "https://a/?ü", AddedAt = DateTimeOffset.UnixEpoch, Headers = [new("A", "1"), new("A", "2")], Body = [0, 255], ContentType = "x/y" };
        var line = record.ToLine();
        var read = OutboxRecord.Parse(line.AsSpan(0, line.Length - 1))!;
        Assert.Equal((record.Key, record.Method, record.Url, record.AddedAt, "x/y", null), (read.Key, read.Method, read.Url, read.AddedAt, read.ContentType, read.ContentEncoding));
        Assert.Equal(record.Headers, read.Headers);
        Assert.Equal(record.Body, read.Body);
        for (var i = 0; i < line.Length - 1; i++)
        {
            var wrong = (byte[])line.Clone();
            wrong[i] ^= 0x10;
            Assert.Null(OutboxRecord.Parse(wrong.AsSpan(0, wrong.Length - 1)));
        }
        Assert.Null(OutboxRecord.Parse(Encoding.ASCII.GetBytes("0123456789abcdef {}")));
    }

    private sealed class Endless : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => 0; set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count) => count;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => ValueTask.FromResult(buffer.Length);

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }

    [Fact]
    public async Task A_request_that_could_never_be_sent_is_refused_and_one_of_another_client_holds_nobody_up()
    {
        using (var based = new HTTPClient(new HTTPClientOptions { MessageHandler = _server, Clock = _clock, BaseUrl = "https://shop.test/" }))
        using (var first = Outbox.Open(File, based))
        {
            await first.AddAsync(new Request("POST", "orders"), Stop);
            await first.AddAsync(Order(2), Stop);
        }
        _server.When("POST", "*").Reply(200);
        using var box = Open();
        await Assert.ThrowsAsync<ArgumentException>(() => box.AddAsync(new Request("POST", "orders"), Stop));
        var outcomes = new List<OutboxOutcome>();
        await foreach (var delivery in box.DeliverAsync(Stop))
            outcomes.Add(delivery.Outcome);
        Assert.Equal([OutboxOutcome.Waiting, OutboxOutcome.Delivered], outcomes);
    }
}
