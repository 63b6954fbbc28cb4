namespace Codomyrmex.Networking.Tests.Integration.Fixtures;

/// <summary>A temporary folder for one server's configuration, keys and logs; deleted with everything in it.</summary>
internal sealed class ServerFolder : IDisposable
{
    public ServerFolder()
    {
        Path = Directory.CreateTempSubdirectory("codonet-server-").FullName;
        // Servers started by root give their rights away, and must still read what lies here.
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(Path, (UnixFileMode)0b111_101_101);
    }

    public string Path { get; }

    /// <summary>The full path of a file in the folder.</summary>
    public string this[string name] => System.IO.Path.Combine(Path, name);

    /// <summary>Writes a file that any user may read, and returns its path.</summary>
    public string Write(string name, string text)
    {
        File.WriteAllText(this[name], text);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(this[name], (UnixFileMode)0b110_100_100);
        return this[name];
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
