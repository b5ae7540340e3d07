namespace TransformFramework.Fuzz.Targets;

/// <summary>What can be fuzzed, by name.</summary>
internal static class FuzzTargets
{
    private static readonly (string Name, Func<FuzzTarget> Create)[] All =
    [
        ("keras", () => new KerasTarget()),
        ("tfjs", () => new TfJsTarget()),
        ("saved_model", () => new SavedModelTarget(isCheckpoint: false)),
        ("checkpoint", () => new SavedModelTarget(isCheckpoint: true)),
        ("onnx", () => new OnnxTarget()),
        ("tflite", () => new TfLiteTarget()),
        ("graphdef", () => new GraphDefTarget(runs: false)),
        ("run", () => new GraphDefTarget(runs: true)),
        ("op", () => new OpTarget()),
        ("transform", () => new TransformTarget()),
        ("convert", () => new ConvertTarget()),
        ("text", () => new TextTarget()),
        ("archive", () => new ArchiveTarget()),
        ("script", () => new ScriptTarget()),
        ("npz", () => new ArrayTarget()),
        ("image", () => new ImageTarget()),
        ("wav", () => new WaveTarget()),
        ("ranges", () => new RangeTarget()),
        ("samples", () => new SampleTarget()),
    ];

    /// <summary>Names of the command line.</summary>
    public static IEnumerable<string> Names => All.Select(target => target.Name);

    /// <summary>Makes the target of a name, which reads its seeds.</summary>
    public static FuzzTarget Create(string name) => All.First(target => target.Name == name).Create();
}
