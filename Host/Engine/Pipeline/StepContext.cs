using TransformFramework.Execution;
using TransformFramework.Transforms;

namespace TransformFramework.Engine.Pipeline;

/// <summary>The context of one step.</summary>
internal sealed class StepContext(IBackend? backend, bool explains, PipelineOptions options) : TransformContext
{
    private readonly List<Explanation> explanations = [];

    public override IBackend? Backend => backend;

    public override bool IsExplaining => explains;

    public IReadOnlyList<Explanation> Explanations => explanations;

    public override Stream OpenFile(string path) => options.Files.TryGetValue(path, out var content)
        ? new MemoryStream(content.ToArray(), writable: false)
        : options.OpenFile is { } open ? open(path) : base.OpenFile(Path.Combine(options.BaseFolder, path));

    public override void Explain(string node, string reason)
    {
        if (explains)
            explanations.Add(new(node, reason));
    }
}
