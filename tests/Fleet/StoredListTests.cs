using Codomyrmex.Networking.Fleet.Internal.Storage;
using Codomyrmex.Networking.Tests.Fleet.Fixtures;
using Codomyrmex.Networking.Tests.Integration.Fixtures;
using Orleans.Runtime;
using Orleans.Storage;

namespace Codomyrmex.Networking.Tests.Fleet;

/// <summary>A list in documents, written by one that may be interrupted, or not be the only one.</summary>
public sealed class StoredListTests : IDisposable
{
    private readonly ServerFolder _folder = new();
    private readonly StateFile _file;
    private readonly FailingStorage _storage;

    public StoredListTests()
    {
        _file = StateFile.Open(_folder["state.db"]);
        _storage = new FailingStorage(new LocalStorage(_file, new JsonStateSerializer()));
    }

    [Fact]
    public async Task List_is_read_as_it_was_written()
    {
        var list = await OpenAsync();
        for (var number = 0; number < 1234; number++)
            list.Add($"{number}");
        await list.WriteAsync();
        list.Set(700, "another");
        Assert.True(list.HasChanged);
        await list.WriteAsync();
        Assert.False(list.HasChanged);
        var read = await OpenAsync();
        Assert.Equal((1234, "699", "another", "701"), (read.Count, read[699], read[700], read[701]));
        read.Add("more");
        await read.WriteAsync();
        Assert.Equal(1235, (await OpenAsync()).Count);
    }

    [Fact]
    public async Task Write_that_was_interrupted_leaves_nothing_without_what_it_leads_to()
    {
        var list = await OpenAsync();
        for (var number = 0; number < 150; number++)
            list.Add($"{number}");
        await list.WriteAsync();
        // An entry of the first document leads to what is added: if it is there, so is that.
        list.Set(0, "leads on");
        for (var number = 150; number < 420; number++)
            list.Add($"{number}");
        for (var writes = 0; writes < 5; writes++)
        {
            _storage.Left = writes;
            await Assert.ThrowsAsync<IOException>(list.WriteAsync);
            _storage.Left = int.MaxValue;
            var read = await OpenAsync();
            Assert.True(read[0] == "0" || read.Count == 420);
            // Whoever goes on from there does so without a gap.
            Assert.Equal(Enumerable.Range(1, read.Count - 1).Select(static number => $"{number}"), Enumerable.Range(1, read.Count - 1).Select(number => read[number]));
            list = read;
            list.Set(0, "leads on");
            for (var number = read.Count; number < 420; number++)
                list.Add($"{number}");
        }
        await list.WriteAsync();
        Assert.Equal(420, (await OpenAsync()).Count);
    }

    [Fact]
    public async Task Second_writer_of_a_document_learns_that_it_is_not_the_only_one()
    {
        var one = await OpenAsync();
        one.Add("one");
        await one.WriteAsync();
        var other = await OpenAsync();
        other.Add("other");
        await other.WriteAsync();
        one.Add("mine");
        await Assert.ThrowsAsync<InconsistentStateException>(one.WriteAsync);
    }

    [Theory]
    [InlineData(420, 1)]
    [InlineData(420, 3)]
    [InlineData(9_000, 1)]
    [InlineData(9_000, 60)]
    public async Task List_that_is_cleared_leaves_nothing_behind_also_where_writes_and_clears_were_interrupted(int entries, int writes)
    {
        var list = await OpenAsync();
        for (var number = 0; number < entries; number++)
        {
            if (number == 150)
                await list.WriteAsync();
            list.Add($"{number}");
        }
        Assert.Equal(entries > 5_000, list.GrowsFar);
        var documents = list.Documents;
        _storage.Left = writes;
        await Assert.ThrowsAsync<IOException>(list.WriteAsync);
        _storage.Left = int.MaxValue;
        // As whoever keeps the list has written down how far it was to grow.
        for (var clears = 0; clears < 4; clears++)
        {
            list = await OpenAsync();
            _storage.Clears = clears;
            if (clears < 2)
                await Assert.ThrowsAsync<IOException>(() => list.ClearAsync(entries > 5_000 ? documents : 0));
        }
        _storage.Clears = int.MaxValue;
        await (await OpenAsync()).ClearAsync(entries > 5_000 ? documents : 0);
        Assert.All(Enumerable.Range(0, documents), number => Assert.Null(_file.Read($"{GrainId.Create("test", "list")}/entries-{number}")));
    }

    public void Dispose()
    {
        _file.Dispose();
        _folder.Dispose();
    }

    private async Task<StoredList<string>> OpenAsync()
    {
        var list = new StoredList<string>(_storage, GrainId.Create("test", "list"), "entries");
        await list.LoadAsync();
        return list;
    }
}
