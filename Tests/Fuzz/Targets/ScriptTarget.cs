using System.Text;
using TransformFramework.Dsl.Syntax;
using TransformFramework.ModelFiles;

namespace TransformFramework.Fuzz.Targets;

/// <summary>Scripts: parsed, formatted, parsed again.</summary>
internal sealed class ScriptTarget : FuzzTarget
{
    private static readonly string[] Scripts =
    [
        "strip_unused_nodes(type=float, shape=\"1,299,299,3\") remove_nodes(op=Identity, op=CheckNumerics) fold_constants(ignore_errors=true)",
        "Structure::sort_by_execution_order  # in any case\nquantize(ranges='a b.ranges', exclude=\"*logits*\", per_channel=false)",
        "quantize_nodes(input_min=-1.5e3, input_max=2)\n\n# a comment\nmerge_duplicate_nodes",
    ];

    public override string Name => "script";

    public override IReadOnlyList<IModelSourceReader> Readers => [];

    public override IReadOnlyList<Seed> Seeds { get; } = [.. Scripts.Select((text, i) => new Seed($"script{i}", [("script.gtt", Encoding.UTF8.GetBytes(text))]))];

    public override Seed Mutate(Seed seed, Random random) =>
        random.Next(2) == 0 ? base.Mutate(seed, random) : seed.With(0, Encoding.UTF8.GetBytes(TextMutation.Apply(Encoding.UTF8.GetString(seed.Files[0].Bytes), random)));

    public override FuzzOutcome Read(Seed seed, CancellationToken cancellation)
    {
        if (ScriptParser.Parse(Encoding.UTF8.GetString(seed.Files[0].Bytes)).Script is not { } script)
            return FuzzOutcome.Recognized;
        string formatted = ScriptFormatter.Format(script);
        if (ScriptParser.Parse(formatted).Script is not { } again || !again.Calls.SequenceEqual(script.Calls))
            throw new InvalidOperationException("the formatted script reads otherwise");
        return FuzzOutcome.Read;
    }
}
