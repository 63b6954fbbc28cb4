using System.Text;
using System.Text.RegularExpressions;
using Codomyrmex.Networking.Ssh;
using Codomyrmex.Networking.Ssh.Protocol;

namespace Codomyrmex.Networking.Tests.Unit.Ssh.Hostile;

/// <summary>Input for a command that does not come to its end.</summary>
public class InputTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Input_that_fails_ends_the_command_with_its_error()
    {
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var kinds = new List<byte>();
        await using var server = HostileServer.StartAfterLogin(async peer =>
        {
            await peer.AcceptCommandAsync();
            // As `cat` would: nothing happens before its input ends.
            do
                kinds.Add((await peer.ReceiveAsync())[0]);
            while (kinds[^1] != 97);
            closed.SetResult();
        });
        await using var client = await server.ConnectAsync();
        var error = await Assert.ThrowsAsync<IOException>(() => client.RunAsync("cat", new() { StandardInput = new Broken(1000) }, Token).WaitAsync(TimeSpan.FromSeconds(20), Token));
        Assert.Equal("the disk broke", error.Message);
        await closed.Task.WaitAsync(TimeSpan.FromSeconds(20), Token);
        // Half of its input was never told to be all of it.
        Assert.Contains((byte)94, kinds);
        Assert.DoesNotContain((byte)96, kinds);
    }

    [Fact]
    public async Task Command_that_ends_well_after_its_input_failed_is_no_success()
    {
        var input = new Broken(1000);
        await using var server = HostileServer.StartAfterLogin(async peer =>
        {
            var channel = await peer.AcceptCommandAsync();
            await input.HasFailed;
            await EndAsync(peer, channel);
        });
        await using var client = await server.ConnectAsync();
        await Assert.ThrowsAsync<IOException>(() => client.RunAsync("head -c 500", new() { StandardInput = input }, Token).WaitAsync(TimeSpan.FromSeconds(20), Token));
    }

    [Fact]
    public async Task Input_from_another_server_that_was_lost_is_an_error_too()
    {
        await using var server = HostileServer.StartAfterLogin(static async peer =>
        {
            await peer.AcceptCommandAsync();
            await peer.ReceiveAsync(97);
        });
        await using var client = await server.ConnectAsync();
        var lost = new NetworkFailure { Code = ErrorCodes.SshDisconnected, Message = "the other server is gone" }.ToException();
        var error = await Assert.ThrowsAsync<SSHException>(() => client.RunAsync("cat", new() { StandardInput = new Broken(1000, lost) }, Token).WaitAsync(TimeSpan.FromSeconds(20), Token));
        Assert.Equal("the other server is gone", error.Message);
    }

    [Fact]
    public async Task Command_need_not_read_all_of_its_input()
    {
        await using var server = HostileServer.StartAfterLogin(static async peer => await EndAsync(peer, await peer.AcceptCommandAsync()));
        await using var client = await server.ConnectAsync();
        var result = await client.RunAsync("true", new() { StandardInput = new Broken(int.MaxValue) }, Token).WaitAsync(TimeSpan.FromSeconds(20), Token);
        Assert.Equal(0, result.ExitCode);
    }

    [Fact]
    public async Task Password_is_not_given_to_a_command_that_has_begun_whatever_it_writes()
    {
        var input = new List<byte>();
        await using var server = HostileServer.StartAfterLogin(async peer =>
        {
            var channel = await peer.AcceptChannelAsync();
            var command = Encoding.ASCII.GetString(await peer.ReceiveAsync(98));
            await peer.SendAsync(new WireWriter().Byte(99).UInt32(channel));
            // As anybody on that machine can read them in the list of processes.
            var marks = Regex.Matches(command, "codonet-[0-9a-f]{24}");
            await peer.SendAsync(new WireWriter().Byte(95).UInt32(channel).UInt32(1).String(Encoding.ASCII.GetBytes(marks[1].Value + marks[0].Value)));
            for (byte[] message; (message = await peer.ReceiveAsync())[0] != 96;)
            {
                if (message[0] == 94)
                    input.AddRange(message.AsSpan(9));
            }
            await EndAsync(peer, channel);
        });
        await using var client = await server.ConnectAsync();
        var result = await client.RunAsync("id", new() { Sudo = new SSHSudo { Password = "the canary" } }, Token).WaitAsync(TimeSpan.FromSeconds(20), Token);
        Assert.Equal(0, result.ExitCode);
        Assert.Empty(input);
    }

    private static async Task EndAsync(HostilePeer peer, uint channel)
    {
        await peer.SendAsync(new WireWriter().Byte(98).UInt32(channel).Text("exit-status").Byte(0).UInt32(0));
        await peer.SendAsync(new WireWriter().Byte(97).UInt32(channel));
    }

    /// <summary>Gives zeros, and then fails.</summary>
    private sealed class Broken(int good, Exception? error = null) : Stream
    {
        private readonly TaskCompletionSource _hasFailed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _left = good;

        public Task HasFailed => _hasFailed.Task;

        public override bool CanRead => true;

        public override bool CanWrite => false;

        public override bool CanSeek => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count)
        {
            if (_left == 0)
            {
                _hasFailed.TrySetResult();
                throw error ?? new IOException("the disk broke");
            }
            count = Math.Min(count, _left);
            _left -= count;
            return count;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
