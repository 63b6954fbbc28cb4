namespace Codomyrmex.Networking.Tests.Cli.Commands;

public class UsageTests
{
    [Theory]
    [InlineData("fetch http://a/", "no command 'fetch'", "fetch")]
    [InlineData("gte http://a/", "did you mean get?", "gte")]
    [InlineData("sync http://a/", "are get, head, options", "sync")]
    [InlineData("get", "get needs URL", "URL")]
    [InlineData("lab extra", "lab does not take 'extra'", "extra")]
    [InlineData("get http://a/ --jsn", "did you mean --json?", "--jsn")]
    [InlineData("get http://a/ --timeout never", "--timeout: 'never' is not a duration", "--timeout")]
    [InlineData("get http://a/ --retry -1", "--retry: '-1' is not a whole number", "--retry")]
    [InlineData("get http://a/ --max-redirects 101", "--max-redirects: '101'", "--max-redirects")]
    [InlineData("get http://a/ --max-size big", "--max-size: 'big'", "--max-size")]
    [InlineData("get http://a/ --proxy gopher://p", "--proxy: 'gopher' is not a proxy scheme", "--proxy")]
    [InlineData("get http://a/ --resolve a:1", "--resolve: 'a:1' is not HOST:PORT:ADDR", "--resolve")]
    [InlineData("get http://a/ --dns name", "--dns: 'name'", "--dns")]
    [InlineData("get http://a/ --policy lax", "--policy: 'lax' is neither a policy", "--policy")]
    [InlineData("get http://a/ --allow 10.0.0.1/8", "--allow: ", "--allow")]
    [InlineData("get http://a/ --deny http://", "--deny: ", "--deny")]
    [InlineData("get http://a/ --cacert missing.pem", "--cacert: ", "--cacert")]
    [InlineData("get http://a/ --cert missing.pem", "--cert: ", "--cert")]
    [InlineData("get http://a/ --key k.pem", "--key needs the certificate", "--key")]
    [InlineData("get http://a/ --pin short", "--pin: ", "--pin")]
    [InlineData("get http://a/ -4 -6", "-4 and -6 exclude each other", "-6")]
    [InlineData("get http://a/ --http1.1 --http2", "exclude each other", "--http2")]
    [InlineData("get http://a/ --http3 --http1.1", "--http3 and --http1.1 exclude each other", "--http1.1")]
    [InlineData("get http://a/ --proxy http://p:1 --proxy http://p:1", "in the pool twice", "--proxy")]
    [InlineData("get http://a/ --proxy http://p:1 --proxy gopher://p", "'gopher' is not a proxy scheme", "--proxy")]
    [InlineData("get http://a/ --proxy http://p:1 --proxy http://q:1 --as-curl", "curl takes one proxy", "--proxy")]
    [InlineData("explain http://a/ --proxy http://p:1 --proxy http://q:1", "explain takes one proxy", "--proxy")]
    [InlineData("get http://a/ plain", "'plain' is not a request item", "plain")]
    [InlineData("get http://a/ Bad\u0001:x", "Bad", "Bad\u0001:x")]
    [InlineData("get http://a/ --header broken", "--header: 'broken' is not NAME:VALUE", "--header")]
    [InlineData("post http://a/ a=1 a=2", "was given twice", "a")]
    [InlineData("post http://a/ --form a:=1", "a form has no place for", "a")]
    [InlineData("post http://a/ --form --multipart", "exclude each other", "--multipart")]
    [InlineData("post http://a/ --body missing.json", "--body: there is no file", "--body")]
    [InlineData("post http://a/ --body - a=1", "--body is the whole body", "--body")]
    [InlineData("get http://a/ --auth ada:secret", "--auth takes the user alone", "--auth")]
    [InlineData("get http://a/ --auth ada", "there is no password", "--auth")]
    [InlineData("get http://a/ --digest", "--auth USER", "--digest")]
    [InlineData("get http://a/ --password-file x", "needs the user", "--password-file")]
    [InlineData("get http://a/ --bearer-env NOT_SET", "the variable NOT_SET is not set", "--bearer-env")]
    [InlineData("get http://a/ -o no/such/folder/file", "--output: 'no/such/folder/file' cannot be written", "--output")]
    [InlineData("get ftp://a/", "scheme 'ftp'", "ftp://a/")]
    [InlineData("get http://", "http://", "http://")]
    [InlineData("explain ftp://a/", "is not a URL to send a request to", "ftp://a/")]
    [InlineData("dns a.example MXX", "did you mean MX?", "MXX")]
    [InlineData("dns a.example 65536", "is no type of record", "65536")]
    [InlineData("lab --port 99999", "--port: '99999'", "--port")]
    [InlineData("download http://a/ --sha256 abc", "--sha256: 'abc' is no SHA-256", "--sha256")]
    [InlineData("download http://a/ --parallel 0", "--parallel: '0'", "--parallel")]
    [InlineData("download http://a/ -o -", "a download needs a file", "--output")]
    [InlineData("download ftp://a/", "scheme 'ftp'", "ftp://a/")]
    [InlineData("download http://a/ -o no/such/folder/file", "--output: 'no/such/folder/file' cannot be written: there is no folder 'no/such/folder'.", "--output")]
    [InlineData("get http://a/ -o no/such/folder/file", "--output: 'no/such/folder/file' cannot be written: there is no folder 'no/such/folder'.", "--output")]
    [InlineData("get http://a/ --har no/such/folder/file", "--har: 'no/such/folder/file' cannot be written: there is no folder", "--har")]
    [InlineData("sftp get h:/x no/such/folder/file", "'no/such/folder/file' cannot be written: there is no folder", "no/such/folder/file")]
    [InlineData("sftp put no/such/file h:/x", "There is no 'no/such/file'", "no/such/file")]
    [InlineData("sftp put - h:/x --resume", "standard input ('-') is none", "--resume")]
    [InlineData("sftp get h:/x - --verify", "standard output ('-') is none", "--verify")]
    [InlineData("sftp get h:/x h:/y -", "takes one file", "-")]
    [InlineData("sftp sync - h:/x", "makes one directory like one other", "-")]
    [InlineData("sftp get h:/x", "sftp get needs what to take and where to put it", "DESTINATION")]
    [InlineData("sftp gte h:/x y", "did you mean get?", "gte")]
    [InlineData("sftp put", "sftp put needs PATH…", "PATH…")]
    [InlineData("sftp", "sftp needs put|get|ls|rm|mkdir|stat|sync", "put|get|ls|rm|mkdir|stat|sync")]
    [InlineData("tcp", "tcp needs connect|listen; usage: codonet tcp", "connect|listen")]
    [InlineData("tcp wat", "tcp does not wat; there are connect, listen", "wat")]
    [InlineData("tcp conect a:1", "did you mean connect?", "conect")]
    [InlineData("tcp connect", "tcp connect needs HOST:PORT", "HOST:PORT")]
    [InlineData("tcp listen", "tcp listen needs ADDR:PORT", "ADDR:PORT")]
    [InlineData("tcp connect h:70000", "'70000' is not a port from 1 to 65535", "h:70000")]
    [InlineData("tcp connect h:0", "'0' is not a port from 1 to 65535", "h:0")]
    [InlineData("tcp connect h:", "'' is not a port from 1 to 65535", "h:")]
    [InlineData("tcp connect h", "'h' has no port; write HOST:PORT, as example.com:443", "h")]
    [InlineData("tcp connect :80", "':80' has no host", ":80")]
    [InlineData("tcp connect [::1]", "has no port", "[::1]")]
    [InlineData("tcp connect 2001:db8::1:80", "an IPv6 address with a port stands in brackets", "2001:db8::1:80")]
    [InlineData("tcp connect http://h:80/", "has a path or a scheme; write HOST:PORT", "http://h:80/")]
    [InlineData("tcp connect ada@h:80", "HOST:PORT has no user; write h:80.", "ada@h:80")]
    [InlineData("tcp listen h:80", "'h' is not an address of this machine", "h:80")]
    [InlineData("tcp listen 127.0.0.1:70000", "'70000' is not a port from 0 to 65535", "127.0.0.1:70000")]
    [InlineData("tcp listen 8080", "'8080' has no port; write 127.0.0.1:8080", "8080")]
    [InlineData("tcp listen ::1:8080", "stands in brackets", "::1:8080")]
    [InlineData("udp send h:70000 x", "'70000' is not a port from 1 to 65535", "h:70000")]
    [InlineData("udp listen", "udp listen needs ADDR:PORT", "ADDR:PORT")]
    [InlineData("ssh ada@h:70000 id", "'70000' is not a port from 1 to 65535", "ada@h:70000")]
    [InlineData("explain tcp://h", "'h' has no port", "tcp://h")]
    [InlineData("scan 127.0.0.1 --resume no/such/folder/file", "--resume: 'no/such/folder/file' cannot be written: there is no folder", "--resume")]
    [InlineData("crawl http://127.0.0.1:9/ --state no/such/folder/file", "--state: 'no/such/folder/file' cannot be written", "--state")]
    [InlineData("crawl http://ada:canary@h/", "'http://***@h/' is no URL to begin at", "http://***@h/")]
    [InlineData("get http://a/ --cacert missing.pem", "--cacert: there is no file 'missing.pem'.", "--cacert")]
    [InlineData("get http://a/ --cert README.md --key missing.pem", "there is no file", "--cert")]
    [InlineData("get http://a/ --output=", "--output needs a path: --output FILE.", "--output")]
    [InlineData("get http://a/ --har=", "--har needs a path", "--har")]
    [InlineData("ssh h -L 99999:a:1", "'99999' is not a port from 0 to 65535; write [BIND:]PORT:HOST:PORT.", "-L")]
    [InlineData("ssh h -R 1:2", "'1:2' is not [BIND:]PORT:HOST:PORT", "-R")]
    [InlineData("get http://a/ -k", "Unknown option -k; here it is --insecure.", "-k")]
    [InlineData("get http://a/ -H x:y", "Unknown option -H; here it is --header NAME:VALUE.", "-H")]
    [InlineData("ssh -i key h id", "Unknown option -i; here it is --key FILE.", "-i")]
    [InlineData("get http://a/ -Z", "Unknown option -Z.", "-Z")]
    [InlineData("hepl", "did you mean help?", "hepl")]
    [InlineData("tcp connect h:1 --framing fixed", "--framing: 'fixed' is no framing", "--framing")]
    [InlineData("completion csh", "'csh' is no shell", "csh")]
    public async Task A_wrong_command_line_is_64_and_names_the_argument(string line, string message, string argument)
    {
        var run = await CliRun.RunAsync([.. line.Split(' '), "--json"]);
        Assert.Equal(64, run.ExitCode);
        Assert.Equal(("UsageError", "usage"), (run.Failure.GetProperty("type").GetString(), run.Failure.GetProperty("code").GetString()));
        Assert.Contains(message, run.Failure.GetProperty("message").GetString());
        Assert.Equal(argument, run.Failure.GetProperty("argument").GetString());
        Assert.Equal(0, run.Failure.GetProperty("attempts").GetArrayLength());

        var text = await CliRun.RunAsync(line.Split(' '));
        Assert.Equal(64, text.ExitCode);
        Assert.Empty(text.Out);
        Assert.StartsWith("codonet: ", text.Error);
        Assert.Contains("hint: codonet", text.Error);
    }

    [Fact]
    public async Task An_unknown_option_points_to_the_help_of_its_command() =>
        Assert.Contains("hint: codonet crawl --help", (await CliRun.RunAsync("crawl", "http://a/", "--nope")).Error);

    [Theory]
    [InlineData("telnet")]
    [InlineData("help")]
    public async Task An_unknown_command_lists_those_that_exist(string name)
    {
        var run = await CliRun.RunAsync(name, "x");
        Assert.Equal(64, run.ExitCode);
        Assert.Contains("get, head, options, delete, post, put, patch, curl, download, ws, ssh, sftp, tcp, udp, scan, crawl, explain, dns, mcp, lab, demo, completion", run.Error);
    }

    [Fact]
    public async Task Help_of_a_command_is_the_same_however_it_is_asked_for() =>
        Assert.Equal((await CliRun.RunAsync("get", "--help")).Out, (await CliRun.RunAsync("help", "get")).Out);

    [Theory]
    [InlineData("get", "get: URL is empty")]
    [InlineData("ssh", "ssh: [USER@]HOST[:PORT] is empty")]
    [InlineData("dns", "dns: NAME is empty")]
    public async Task An_empty_argument_is_64(string command, string message)
    {
        var run = await CliRun.RunAsync(command, "");
        Assert.Equal(64, run.ExitCode);
        Assert.Contains(message, run.Error);
    }

    [Fact]
    public async Task A_user_before_a_host_may_be_a_secret_and_is_not_quoted()
    {
        var run = await CliRun.RunAsync("tcp", "connect", "ada:canary@h:80");
        Assert.Equal(64, run.ExitCode);
        Assert.DoesNotContain("canary", run.Error);
    }

    [Fact]
    public async Task No_command_at_all_is_64() => Assert.Equal(64, (await CliRun.RunAsync()).ExitCode);

    [Fact]
    public async Task A_secret_that_no_header_can_carry_is_not_quoted()
    {
        var run = new CliRun { Environment = { ["TOKEN"] = "sec\nret" } };
        await run.StartAsync("get", "http://a/", "--bearer-env", "TOKEN");
        Assert.Equal(64, run.ExitCode);
        Assert.DoesNotContain("ret", run.Error.Replace("hint: codonet get", "", StringComparison.Ordinal).Replace("credential", "", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("--version", "codonet ")]
    [InlineData("--help", "usage: codonet COMMAND")]
    [InlineData("-h", "usage: codonet COMMAND")]
    [InlineData("get --help", "usage: codonet get URL [ITEM…]")]
    [InlineData("--help get", "usage: codonet get URL [ITEM…]")]
    [InlineData("dns -h", "--dns SERVER[:PORT]")]
    [InlineData("help", "usage: codonet COMMAND")]
    [InlineData("help --no-color", "usage: codonet COMMAND")]
    [InlineData("help get", "usage: codonet get URL [ITEM…]")]
    [InlineData("help help", "usage: codonet COMMAND")]
    [InlineData("--quiet help tcp listen", "usage: codonet tcp connect HOST:PORT | listen ADDR:PORT")]
    [InlineData("help -- dns", "--dns SERVER[:PORT]")]
    public async Task Help_and_version_are_0(string line, string expected)
    {
        var run = await CliRun.RunAsync(line.Split(' '));
        Assert.Equal(0, run.ExitCode);
        Assert.Contains(expected, run.Out);
        Assert.Empty(run.Error);
    }

    [Fact]
    public async Task The_version_is_the_projects()
    {
        var version = typeof(Codomyrmex.Networking.Cli.CommandContext).Assembly.GetName().Version!.ToString(3);
        Assert.Equal(version, (await CliRun.RunAsync("--version", "--json")).Document.GetProperty("version").GetString());
    }
}
