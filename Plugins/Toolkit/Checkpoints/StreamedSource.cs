using TransformFramework.ModelFiles;

namespace TransformFramework.Toolkit.Checkpoints;

/// <summary>Files that a run opens by name, as the files of a model: each is read as far as it is asked for.</summary>
public sealed class StreamedSource(string prefix, Func<string, Stream> open) : ModelSource
{
    private readonly Dictionary<string, ModelSourceFile> files = new(StringComparer.Ordinal);

    public override string Path => prefix;

    public override ModelSourceFile? Main => null;

    public override IReadOnlyList<string> Names => [];

    public override ModelSourceFile? Find(string name)
    {
        if (!files.TryGetValue(name, out ModelSourceFile? file))
            files.Add(name, file = new StreamedFile(open(name), name));
        return file;
    }

    protected override void Dispose(bool disposing)
    {
        foreach (ModelSourceFile file in files.Values)
            file.Dispose();
        files.Clear();
    }

    private sealed class StreamedFile(Stream stream, string name) : ModelSourceFile
    {
        public override string Name => name;

        public override long Length => stream.Length;

        public override ReadOnlyMemory<byte> Slice(long offset, int length)
        {
            byte[] bytes = new byte[length];
            stream.Position = offset;
            stream.ReadExactly(bytes);
            return bytes;
        }

        protected override void Dispose(bool disposing) => stream.Dispose();
    }
}
