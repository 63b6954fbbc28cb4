using System.Security.Cryptography;

namespace Codomyrmex.Networking.Tests.Cli.Commands;

public class SftpTests(SshLab lab) : IClassFixture<SshLab>
{
    private const int Size = 1_000_000;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task File_goes_there_and_comes_back_with_the_document_of_the_contract()
    {
        lab.Demand();
        using var local = new TemporaryFile(null);
        var content = RandomNumberGenerator.GetBytes(Size);
        await File.WriteAllBytesAsync(local.Path, content, Token);
        var remote = lab.NewPath("file");
        var put = await CliRun.RunAsync(["sftp", "put", local.Path, $"{lab.Target}:{remote}", .. lab.Trusted, "--verify", "--json"]);
        Assert.True(put.ExitCode == 0, put.Out);
        Assert.Equal(["bytes", "sha256", "resumedFrom", "elapsedMs", "path"], put.Document.EnumerateObject().Select(member => member.Name));
        Assert.Equal((Size, Convert.ToHexStringLower(SHA256.HashData(content)), remote), (put.Document.GetProperty("bytes").GetInt32(), put.Document.GetProperty("sha256").GetString(), put.Document.GetProperty("path").GetString()));
        Assert.Equal(content, await File.ReadAllBytesAsync(remote, Token));

        using var back = new TemporaryFile(null);
        var get = await CliRun.RunAsync(["sftp", "get", $"{lab.Target}:{remote}", back.Path, .. lab.Trusted, "--json"]);
        Assert.Equal(0, get.ExitCode);
        Assert.Equal(content, await File.ReadAllBytesAsync(back.Path, Token));
        Assert.Contains("100 %", get.Error);
        var again = await CliRun.RunAsync(["sftp", "get", $"{lab.Target}:{remote}", back.Path, .. lab.Trusted, "--json"]);
        Assert.Equal((70, "local.exists"), (again.ExitCode, again.Failure.GetProperty("code").GetString()));
    }

    [Fact]
    public async Task File_comes_from_standard_input_and_goes_to_standard_output()
    {
        lab.Demand();
        var content = RandomNumberGenerator.GetBytes(3 * Size);
        var remote = lab.NewPath("piped");
        var put = await new CliRun { Input = content }.StartAsync(["sftp", "put", "-", $"{lab.Target}:{remote}", .. lab.Trusted, "--json"]);
        Assert.True(put.ExitCode == 0, put.Out);
        Assert.Equal(["bytes", "sha256", "resumedFrom", "elapsedMs", "path"], put.Document.EnumerateObject().Select(member => member.Name));
        Assert.Equal((content.Length, remote), (put.Document.GetProperty("bytes").GetInt32(), put.Document.GetProperty("path").GetString()));
        Assert.Equal(content, await File.ReadAllBytesAsync(remote, Token));

        var get = await CliRun.RunAsync(["sftp", "get", $"{lab.Target}:{remote}", "-", .. lab.Trusted]);
        Assert.Equal((0, ""), (get.ExitCode, get.Error));
        Assert.Equal(content, get.OutBytes);
        Assert.False(File.Exists("-"));

        var again = await new CliRun { Input = [1] }.StartAsync(["sftp", "put", "-", $"{lab.Target}:{remote}", .. lab.Trusted, "--json"]);
        Assert.Equal((79, "sftp.exists"), (again.ExitCode, again.Failure.GetProperty("code").GetString()));
        var over = await new CliRun { Input = [1] }.StartAsync(["sftp", "put", "-", $"{lab.Target}:{remote}", .. lab.Trusted, "--overwrite"]);
        Assert.Equal(0, over.ExitCode);
        Assert.Equal([1], await File.ReadAllBytesAsync(remote, Token));
        Assert.Equal([Path.GetFileName(remote)], Directory.EnumerateFiles(lab.Server.Folder, Path.GetFileName(remote) + "*").Select(Path.GetFileName));
    }

    [Fact]
    public async Task Standard_input_needs_a_name_there_and_a_folder_that_exists()
    {
        lab.Demand();
        var folder = await new CliRun { Input = [1] }.StartAsync(["sftp", "put", "-", $"{lab.Target}:{lab.Server.Folder}/", .. lab.Trusted, "--json"]);
        Assert.Equal(64, folder.ExitCode);
        Assert.Contains("has no name", folder.Failure.GetProperty("message").GetString());
        var listed = await CliRun.RunAsync(["sftp", "get", $"{lab.Target}:{lab.Server.Folder}", "-", .. lab.Trusted]);
        Assert.Equal(64, listed.ExitCode);
        Assert.Contains("is a directory", listed.Error);
        var absent = lab.NewPath("absent") + "/file";
        var missing = await new CliRun { Input = [1] }.StartAsync(["sftp", "put", "-", $"{lab.Target}:{absent}", .. lab.Trusted, "--json"]);
        Assert.Equal((79, "sftp.no_such_file"), (missing.ExitCode, missing.Failure.GetProperty("code").GetString()));
        Assert.Contains($"'{absent}'", missing.Failure.GetProperty("message").GetString());
    }

    [Fact]
    public async Task Directories_are_listed_made_and_removed()
    {
        lab.Demand();
        var folder = lab.NewPath("dir");
        string Remote(string path) => $"{lab.Target}:{path}";
        Assert.Equal(0, (await CliRun.RunAsync(["sftp", "mkdir", Remote(folder + "/a/b"), "--parents", .. lab.Trusted])).ExitCode);
        await File.WriteAllTextAsync(Path.Combine(folder, "file\e[31m.txt"), "hello", Token);
        var list = await CliRun.RunAsync(["sftp", "ls", Remote(folder), "--json", .. lab.Trusted]);
        Assert.Equal(["a", "file\e[31m.txt"], list.Document.GetProperty("entries").EnumerateArray().Select(entry => entry.GetProperty("name").GetString()));
        Assert.Equal(["directory", "file"], list.Document.GetProperty("entries").EnumerateArray().Select(entry => entry.GetProperty("kind").GetString()));
        var text = await new CliRun { IsTerminal = true }.StartAsync(["sftp", "ls", Remote(folder), "--no-color", .. lab.Trusted]);
        Assert.Contains("file\\x1b[31m.txt", text.Out);
        var stat = await CliRun.RunAsync(["sftp", "stat", Remote(folder + "/a"), "--json", .. lab.Trusted]);
        Assert.Equal("directory", stat.Document.GetProperty("kind").GetString());
        var absent = await CliRun.RunAsync(["sftp", "stat", Remote(folder + "/absent"), "--json", .. lab.Trusted]);
        Assert.Equal((79, "sftp.no_such_file"), (absent.ExitCode, absent.Failure.GetProperty("code").GetString()));
        Assert.Equal(79, (await CliRun.RunAsync(["sftp", "rm", Remote(folder), .. lab.Trusted])).ExitCode);
        Assert.Equal(0, (await CliRun.RunAsync(["sftp", "rm", Remote(folder), "--recursive", .. lab.Trusted])).ExitCode);
        Assert.False(Directory.Exists(folder));
    }

    [Fact]
    public async Task Folder_goes_there_comes_back_and_is_kept_the_same()
    {
        lab.Demand();
        using var root = new TemporaryFile(null);
        Directory.CreateDirectory(Path.Combine(root.Path, "src", "deep"));
        await File.WriteAllTextAsync(Path.Combine(root.Path, "src", "one"), "one", Token);
        await File.WriteAllTextAsync(Path.Combine(root.Path, "src", "deep", "two"), "two", Token);
        var remote = lab.NewPath("tree");
        Assert.Equal(64, (await CliRun.RunAsync(["sftp", "put", Path.Combine(root.Path, "src"), $"{lab.Target}:{remote}", .. lab.Trusted])).ExitCode);
        var put = await CliRun.RunAsync(["sftp", "put", Path.Combine(root.Path, "src"), $"{lab.Target}:{remote}", "--recursive", "--json", .. lab.Trusted]);
        Assert.True(put.ExitCode == 0, put.Out);
        Assert.Equal((2, 6), (put.Document.GetProperty("files").GetInt32(), put.Document.GetProperty("bytes").GetInt32()));
        var get = await CliRun.RunAsync(["sftp", "get", $"{lab.Target}:{remote}", Path.Combine(root.Path, "back"), "-r", .. lab.Trusted]);
        Assert.Equal(0, get.ExitCode);
        Assert.Equal("two", await File.ReadAllTextAsync(Path.Combine(root.Path, "back", "deep", "two"), Token));

        File.Delete(Path.Combine(root.Path, "src", "one"));
        var sync = await CliRun.RunAsync(["sftp", "sync", Path.Combine(root.Path, "src"), $"{lab.Target}:{remote}", "--delete", "--json", .. lab.Trusted]);
        Assert.True(sync.ExitCode == 0, sync.Out);
        Assert.Equal(1, sync.Document.GetProperty("deleted").GetInt32());
        Assert.False(File.Exists(Path.Combine(remote, "one")));
        Assert.True(File.Exists(Path.Combine(remote, "deep", "two")));
        Directory.Delete(root.Path, recursive: true);
    }
}
