using TransformFramework.ModelFiles;
using TransformFramework.Toolkit.ModelFiles;

namespace TransformFramework.Keras.Tests;

/// <summary>Files in memory as a model source; the first is the main file.</summary>
internal sealed class MemorySource(params (string Name, byte[] Bytes)[] files) : ModelSource
{
    private readonly Dictionary<string, ModelSourceFile> open = files.ToDictionary(file => file.Name, file => (ModelSourceFile)new BufferedFile(file.Bytes, file.Name), StringComparer.Ordinal);

    public override string Path => files[0].Name;

    public override ModelSourceFile Main => open[files[0].Name];

    public override IReadOnlyList<string> Names => [.. open.Keys.Order(StringComparer.Ordinal)];

    public override ModelSourceFile? Find(string name) => open.GetValueOrDefault(name);

    protected override void Dispose(bool disposing)
    {
    }
}
