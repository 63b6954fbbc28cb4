namespace Codomyrmex.Networking.Tests.Unit;

/// <summary>A directory for one test, gone after it.</summary>
internal sealed class TemporaryDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("codonet-test-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
