namespace Codomyrmex.Networking.Tests.Fuzz;

/// <summary>Something that reads bytes a stranger may have sent. It accepts them or throws a documented exception; see <see cref="FuzzRun"/>.</summary>
/// <param name="Name">Lower case with hyphens; also the folder of its seeds, <c>tests/Fuzz/seeds/NAME</c>.</param>
/// <param name="Run">Reads one input.</param>
internal sealed record FuzzTarget(string Name, Action<byte[]> Run)
{
    /// <summary>Words of the input's language that mutations put in. The default value is empty.</summary>
    public IReadOnlyList<string> Words { get; init; } = [];

    /// <summary>Mutated inputs that a normal test run tries. The default value is 20,000.</summary>
    public int Iterations { get; init; } = 20_000;
}
