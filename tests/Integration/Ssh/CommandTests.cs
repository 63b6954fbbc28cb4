using System.Diagnostics;
using System.Text;
using Codomyrmex.Networking.Ssh;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Tests.Integration.Fixtures;

namespace Codomyrmex.Networking.Tests.Integration.Ssh;

public sealed class CommandTests : IAsyncLifetime
{
    private OpenSshServer _server = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await OpenSshServer.StartAsync(cancellationToken: Token);

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Command_gives_both_outputs_exit_code_and_signal()
    {
        await using var ssh = await Connected.ToAsync(_server);
        var result = await ssh.RunAsync("echo out; echo err >&2; exit 3", cancellationToken: Token);
        Assert.Equal(("out\n", "err\n", 3, null), (result.Stdout, result.Stderr, result.ExitCode, result.Signal));
        Assert.True(result.Elapsed > TimeSpan.Zero);
        var killed = await ssh.RunAsync("kill -KILL $$", cancellationToken: Token);
        Assert.Equal((null, "KILL"), (killed.ExitCode, killed.Signal));
        var failure = Assert.Throws<SSHException>(() => result.EnsureSuccess());
        Assert.Equal(ErrorCodes.SshExitStatus, failure.Code);
        Assert.Contains("status 3: err", failure.Message);
    }

    [Fact]
    public async Task Quick_start_of_the_specification_works()
    {
        var options = new SSHClientOptions { Port = _server.Port, HostKeys = new HostKeyTrust { KnownHostsFiles = [_server.KnownHostsFile] } };
        await using var ssh = await SSHClient.ConnectAsync(_server.Host, _server.User, keyFile: _server.KeyFile, options, Token);
        Assert.Contains("sshd_config", (await ssh.RunAsync($"ls -la {Path.GetDirectoryName(_server.KeyFile)}", cancellationToken: Token)).Stdout);
        Assert.StartsWith("SSH-2.0-OpenSSH", ssh.Facts!.ServerVersion);
        Assert.Contains("gcm", ssh.Facts.Encryption);
        Assert.StartsWith("sntrup761x25519-sha512", ssh.Facts.KeyExchange);
    }

    [Fact]
    public async Task Input_is_streamed_into_a_command_and_back()
    {
        await using var ssh = await Connected.ToAsync(_server);
        var sent = new byte[5_000_000];
        new Random(1).NextBytes(sent);
        var result = await ssh.RunAsync("cat", new() { StandardInput = new MemoryStream(sent) }, Token);
        Assert.True(result.StdoutBytes.Span.SequenceEqual(sent));
        var early = await ssh.RunAsync("head -c 3", new() { StandardInput = new MemoryStream(sent) }, Token);
        Assert.Equal(3, early.StdoutBytes.Length);
    }

    [Fact]
    public async Task Hundred_commands_run_at_once_on_one_connection()
    {
        await using var ssh = await Connected.ToAsync(_server, options => options with { MaxSessions = 101 });
        // Each waits until all have begun, which one more sees to: they run at the same time, or never end.
        var folder = Path.Combine(_server.Folder, "begun");
        Directory.CreateDirectory(folder);
        var watch = ssh.RunAsync($"until [ $(ls {folder} | wc -l) -eq 100 ]; do sleep 0.1; done; touch {folder}.all", cancellationToken: Token);
        var results = await Task.WhenAll(Enumerable.Range(0, 100).Select(i => ssh.RunAsync($"touch {folder}/{i}; until [ -e {folder}.all ]; do sleep 0.5; done; echo {i}", cancellationToken: Token)));
        await watch;
        Assert.Equal(Enumerable.Range(0, 100).Select(i => $"{i}\n"), results.Select(result => result.Stdout));
        Assert.Single(_server.Log, line => line.Contains("Accepted publickey"));
    }

    [Fact]
    public async Task More_commands_than_places_wait_for_their_turn()
    {
        await using var server = await OpenSshServer.StartAsync(new() { Configuration = ["MaxSessions 4"] }, Token);
        await using var ssh = await Connected.ToAsync(server, options => options with { MaxSessions = 4 });
        var results = await Task.WhenAll(Enumerable.Range(0, 30).Select(i => ssh.RunAsync($"echo {i}", cancellationToken: Token)));
        Assert.Equal(Enumerable.Range(0, 30).Select(i => $"{i}\n"), results.Select(result => result.Stdout));
    }

    [Fact]
    public async Task Command_beyond_its_time_gets_the_signal_and_is_gone()
    {
        // OpenSSH hands signals on for all users but root.
        await using var server = await SshPeerServer.StartAsync("openssh");
        await using var ssh = await SSHClient.ConnectAsync("127.0.0.1", SshPeerServer.User, options: server.Options, cancellationToken: Token);
        var watch = Stopwatch.StartNew();
        var late = await Assert.ThrowsAsync<NetworkTimeoutException>(() => ssh.RunAsync("exec sleep 600", new() { Timeout = TimeSpan.FromMilliseconds(300) }, Token));
        Assert.Contains("signal TERM, and it ended with signal TERM", late.Message);
        var stubborn = await Assert.ThrowsAsync<NetworkTimeoutException>(() => ssh.RunAsync("trap '' TERM; while :; do sleep 0.05; done",
            new() { Timeout = TimeSpan.FromMilliseconds(300), TimeoutGrace = TimeSpan.FromMilliseconds(300) }, Token));
        Assert.Contains("its channel was closed", stubborn.Message);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(20));
        Assert.Equal("still here\n", (await ssh.RunAsync("echo still here", cancellationToken: Token)).Stdout);
    }

    [Fact]
    public async Task Cancelled_command_is_ended_and_the_connection_lives_on()
    {
        await using var server = await SshPeerServer.StartAsync("openssh");
        await using var ssh = await SSHClient.ConnectAsync("127.0.0.1", SshPeerServer.User, options: server.Options, cancellationToken: Token);
        // In the user's home, which other runs have used.
        var run = Guid.NewGuid().ToString("N");
        var (begun, ended) = ($"begun-{run}", $"ended-{run}");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var running = ssh.RunAsync($"trap 'touch {ended}; exit' TERM; touch {begun}; while :; do sleep 0.05; done", cancellationToken: stop.Token);
        await ssh.RunAsync($"while [ ! -e {begun} ]; do sleep 0.05; done", new() { Timeout = TimeSpan.FromSeconds(30) }, Token);
        await stop.CancelAsync();
        var cancelled = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        Assert.Equal(stop.Token, cancelled.CancellationToken);
        Assert.Equal("here\n", (await ssh.RunAsync($"while [ ! -e {ended} ]; do sleep 0.05; done; rm {begun} {ended}; echo here", new() { Timeout = TimeSpan.FromSeconds(30) }, Token)).Stdout);
    }

    [Fact]
    public async Task Environment_is_set_where_the_server_takes_it()
    {
        await using var ssh = await Connected.ToAsync(_server);
        var options = new SSHCommandOptions { Environment = new Dictionary<string, string> { ["GREETING"] = "a b'c" } };
        Assert.Equal("a b'c\n", (await ssh.RunAsync("echo \"$GREETING\"", options, Token)).Stdout);
        await using var strict = await SshPeerServer.StartAsync("openssh");
        await using var other = await SSHClient.ConnectAsync("127.0.0.1", SshPeerServer.User, options: strict.Options, cancellationToken: Token);
        var refused = await Assert.ThrowsAsync<SSHException>(() => other.RunAsync("true", options, Token));
        Assert.Contains("AcceptEnv", refused.Hint);
    }

    [Fact]
    public async Task Sudo_gets_the_password_and_nobody_else_sees_it()
    {
        await using var server = await OpenSshServer.StartAsync(new() { Configuration = [$"SetEnv PATH={Sudo()}:/usr/bin:/bin"] }, Token);
        using var capture = TelemetryCapture.Start();
        await using var ssh = await Connected.ToAsync(server, options => options with { Logger = capture.CreateLogger("ssh") });
        var options = new SSHCommandOptions { Sudo = new() { Password = "canary'42" }, StandardInput = new MemoryStream("for the command"u8.ToArray()) };
        var result = await ssh.RunAsync("cat; echo \"as $SUDO_TO\"; tr '\\0' ' ' </proc/$PPID/cmdline >&2", options, Token);
        Assert.Equal(("for the commandas root\n", 0), (result.Stdout, result.ExitCode));
        Assert.DoesNotContain("canary", result.Stderr + options + string.Join('\n', server.Log) + string.Join('\n', capture.Logs) + string.Join('\n', capture.Spans.Select(span => span.DisplayName + string.Join(' ', span.Tags))));
        var wrong = await Assert.ThrowsAsync<SSHException>(() => ssh.RunAsync("true", new() { Sudo = new() { Password = "canary wrong" } }, Token));
        Assert.Equal(ErrorCodes.SshAuthentication, wrong.Code);
        Assert.DoesNotContain("canary", wrong.ToString());
        Assert.Contains("SSHSudo.Password", (await Assert.ThrowsAsync<SSHException>(() => ssh.RunAsync("true", new() { Sudo = new() }, Token))).Message);
    }

    // What sudo does, without the rights: asks on standard error, reads a line, tries three times, runs the command with what is left of standard input.
    private string Sudo()
    {
        var folder = Directory.CreateDirectory(Path.Combine(_server.Folder, "bin")).FullName;
        var script = Path.Combine(folder, "sudo");
        File.WriteAllText(script, """
            #!/bin/bash
            prompt=$3; export SUDO_TO=$5; shift 6
            for try in 1 2 3; do
              printf %s "$prompt" >&2
              IFS= read -r line || exit 1
              [ "$line" = "canary'42" ] && exec "$@"
              echo "Sorry, try again." >&2
            done
            exit 1
            """);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(script, (UnixFileMode)0b111_101_101);
        return folder;
    }

    [Fact]
    public async Task Terminal_has_its_size_and_is_resized()
    {
        await using var ssh = await Connected.ToAsync(_server);
        await using var process = await ssh.StartAsync("trap 'stty size; exit 7' WINCH; stty size; while :; do sleep 0.05; done", new() { Terminal = new() { Columns = 132, Rows = 43 } }, Token);
        await using var lines = process.ReadLinesAsync(cancellationToken: Token).GetAsyncEnumerator(Token);
        Assert.True(await lines.MoveNextAsync());
        Assert.Equal("43 132", lines.Current);
        process.Resize(100, 50);
        Assert.True(await lines.MoveNextAsync());
        Assert.Equal("50 100", lines.Current);
        Assert.Equal(7, (await process.WaitAsync(Token)).Code);
    }

    [Fact]
    public async Task Shell_takes_lines_and_ends()
    {
        await using var ssh = await Connected.ToAsync(_server);
        await using var shell = await ssh.OpenShellAsync(new() { Echo = false }, Token);
        await shell.StandardInput.WriteAsync("echo sum=$((40+2)); exit 5\n"u8.ToArray(), Token);
        var lines = new List<string>();
        await foreach (var line in shell.ReadLinesAsync(cancellationToken: Token))
            lines.Add(line);
        Assert.Contains(lines, line => line.EndsWith("sum=42", StringComparison.Ordinal));
        Assert.Equal(5, (await shell.WaitAsync(Token)).Code);
    }

    [Fact]
    public async Task Subsystem_is_a_stream_and_an_unknown_one_is_refused()
    {
        await using var ssh = await Connected.ToAsync(_server);
        await using var sftp = await ssh.OpenSubsystemAsync("sftp", Token);
        await sftp.StandardInput.WriteAsync(new byte[] { 0, 0, 0, 5, 1, 0, 0, 0, 3 }, Token);
        var answer = new byte[9];
        await sftp.StandardOutput.ReadExactlyAsync(answer, Token);
        Assert.Equal((2, 3), (answer[4], answer[8]));
        var refused = await Assert.ThrowsAsync<SSHException>(() => ssh.OpenSubsystemAsync("nothing", Token));
        Assert.Equal((ErrorCodes.SshChannel, WasSent.Maybe), (refused.Code, refused.WasSent));
    }

    [Fact]
    public async Task Lines_come_one_by_one_while_the_command_runs()
    {
        await using var ssh = await Connected.ToAsync(_server);
        await using var process = await ssh.StartAsync("while read line; do echo \"got $line\"; done", cancellationToken: Token);
        await using var lines = process.ReadLinesAsync(cancellationToken: Token).GetAsyncEnumerator(Token);
        for (var i = 0; i < 3; i++)
        {
            await process.StandardInput.WriteAsync(Encoding.UTF8.GetBytes($"number {i}\n"), Token);
            Assert.True(await lines.MoveNextAsync());
            Assert.Equal($"got number {i}", lines.Current);
        }
        await process.StandardInput.DisposeAsync();
        Assert.False(await lines.MoveNextAsync());
        Assert.True((await process.WaitAsync(Token)).IsSuccess);
    }

    [Fact]
    public async Task Output_beyond_its_limit_is_an_error_and_ends_the_command()
    {
        await using var ssh = await Connected.ToAsync(_server);
        var error = await Assert.ThrowsAsync<SSHException>(() => ssh.RunAsync("yes", new() { MaxOutputBytes = 100_000 }, Token));
        Assert.Equal(ErrorCodes.SshOutputTooLarge, error.Code);
    }

    [Fact]
    public async Task Slow_reader_holds_no_more_than_the_window()
    {
        await using var ssh = await Connected.ToAsync(_server, options => options with { ReceiveWindow = 256 * 1024 });
        await using var process = await ssh.StartAsync("head -c 300000000 /dev/zero", cancellationToken: Token);
        var first = new byte[1];
        await process.StandardOutput.ReadExactlyAsync(first, Token);
        // Other commands go on meanwhile, and the rest is still there afterwards.
        for (var i = 0; i < 10; i++)
            Assert.Equal("hi\n", (await ssh.RunAsync("echo hi", cancellationToken: Token)).Stdout);
        // The process has other tests to remember, but not what the command would have sent.
        Assert.True(GC.GetTotalMemory(true) < 290_000_000);
        var total = 1L;
        var buffer = new byte[64 * 1024];
        while (await process.StandardOutput.ReadAsync(buffer, Token) is > 0 and var count)
            total += count;
        Assert.Equal(300_000_000, total);
    }
}
