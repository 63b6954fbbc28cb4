namespace Codomyrmex.Networking.Tests.Cli;

/// <summary>A file that goes away with the test.</summary>
internal sealed class TemporaryFile : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("codonet-test-");

    public TemporaryFile(string? content, string extension = "")
    {
        Path = System.IO.Path.Combine(_folder.FullName, "file" + extension);
        if (content is not null)
            File.WriteAllText(Path, content);
    }

    public string Path { get; }

    /// <summary>Every file beside it.</summary>
    public IEnumerable<string> Siblings => _folder.EnumerateFiles().Select(file => file.Name);

    public void Dispose() => _folder.Delete(recursive: true);
}
