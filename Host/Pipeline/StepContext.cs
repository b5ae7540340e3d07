using TransformFramework.Execution;
using TransformFramework.Transforms;

namespace TransformFramework.Host.Pipeline;

/// <summary>The context of one step.</summary>
internal sealed class StepContext(IBackend? backend, bool explains, string baseFolder) : TransformContext
{
    private readonly List<Explanation> explanations = [];

    public override IBackend? Backend => backend;

    public override bool IsExplaining => explains;

    public IReadOnlyList<Explanation> Explanations => explanations;

    public override Stream OpenFile(string path) => base.OpenFile(Path.Combine(baseFolder, path));

    public override void Explain(string node, string reason)
    {
        if (explains)
            explanations.Add(new(node, reason));
    }
}
