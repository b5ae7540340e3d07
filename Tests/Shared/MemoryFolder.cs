using TransformFramework.ModelFiles;
using TransformFramework.Toolkit.ModelFiles;

namespace TransformFramework;

/// <summary>A folder in memory that a writer fills and a reader reads.</summary>
internal sealed class MemoryFolder : IDisposable
{
    private readonly Dictionary<string, MemoryStream> files = new(StringComparer.Ordinal);

    public ModelSink Sink => new FolderSink(this);

    public MemoryFolder Add(string name, ReadOnlySpan<byte> content)
    {
        files[name] = new MemoryStream(content.ToArray());
        return this;
    }

    public byte[] this[string name] => files[name].ToArray();

    public ModelSource Source(string path = "model") => new FolderSource(path, files.ToDictionary(file => file.Key, file => (ReadOnlyMemory<byte>)file.Value.ToArray(), StringComparer.Ordinal));

    public void Dispose()
    {
        foreach (MemoryStream file in files.Values)
            file.Dispose();
    }

    private sealed class FolderSink(MemoryFolder folder) : ModelSink
    {
        public override string Name => "model";

        public override Stream Main => throw new NotSupportedException();

        public override Stream Create(string name) => folder.files[name] = new MemoryStream();
    }

    private sealed class FolderSource(string path, Dictionary<string, ReadOnlyMemory<byte>> files) : ModelSource
    {
        public override string Path => path;

        public override ModelSourceFile? Main => null;

        public override IReadOnlyList<string> Names => [.. files.Keys.Order(StringComparer.Ordinal)];

        public override ModelSourceFile? Find(string name) => files.TryGetValue(name, out ReadOnlyMemory<byte> content) ? new BufferedFile(content, name) : null;

        protected override void Dispose(bool disposing)
        {
        }
    }
}
