using System.Collections.Immutable;
using System.Globalization;
using TransformFramework.Graphs;

namespace TransformFramework.Toolkit.Ops.Releases;

/// <summary>Replays a block of the history: the first declaration, then the changes in the order of the releases.</summary>
internal sealed class OpHistoryParser
{
    private const string Deprecated = "deprecated";

    private static readonly string[] Flags = ["stateful", "commutative", "aggregate", "uninitialized", "distributed", Deprecated];

    private readonly ImmutableArray<OpState>.Builder states = ImmutableArray.CreateBuilder<OpState>();
    private OpDefinition definition;
    private int? deprecatedAt;
    private bool isGone;

    private OpHistoryParser(string declaration)
    {
        int space = declaration.IndexOf(' ', StringComparison.Ordinal);
        TensorFlowRelease first = char.IsAsciiDigit(declaration[0]) ? Release(declaration[..space]) : TensorFlowRelease.All[0];
        string line = char.IsAsciiDigit(declaration[0]) ? declaration[(space + 1)..] : declaration;
        definition = OpLineParser.Parse(line, OpRelease.Union)!;
        if (line.LastIndexOf(Deprecated + "(", StringComparison.Ordinal) is > 0 and var at)
            deprecatedAt = Producer(line[at..]);
        states.Add(new(first, definition, deprecatedAt));
    }

    public static ImmutableArray<OpState> Parse(string[] block)
    {
        var parser = new OpHistoryParser(block[0]);
        foreach (string line in block.Skip(1))
        {
            string change = line.Trim();
            int space = change.IndexOf(' ', StringComparison.Ordinal);
            parser.Change(Release(change[..space]), change[(space + 1)..]);
        }
        return parser.states.ToImmutable();
    }

    private void Change(TensorFlowRelease release, string change)
    {
        Apply(change);
        var state = new OpState(release, isGone ? null : definition, deprecatedAt);
        if (states[^1].Release == release)
            states[^1] = state;
        else
            states.Add(state);
    }

    private void Apply(string change)
    {
        switch (change[0])
        {
            case 'g' when change == "gone":
                isGone = true;
                break;
            case 'b' when change == "back":
                isGone = false;
                break;
            case '(':
                var (inputs, outputs) = OpLineParser.ParseArguments(change);
                definition = definition with { Inputs = inputs, Outputs = outputs };
                break;
            case '+' or '-' when Flags.Any(flag => change[1..] == flag || (flag == Deprecated && change[1..].StartsWith(Deprecated + "(", StringComparison.Ordinal))):
                SetFlag(change[1..], change[0] == '+');
                break;
            case '+':
                SetAttribute(OpLineParser.ParseAttribute(change[1..]));
                break;
            case '-':
                definition = definition with { Attributes = definition.Attributes.RemoveAll(attribute => attribute.Name == change[1..]) };
                break;
            default:
                Declare(change);
                break;
        }
    }

    /// <summary>A new declaration of an attribute, or a change of its allowed values.</summary>
    private void Declare(string change)
    {
        int space = change.IndexOf(' ', StringComparison.Ordinal);
        if (change[space - 1] == ':')
        {
            SetAttribute(OpLineParser.ParseAttribute(change));
            return;
        }
        AttributeDefinition attribute = definition.Attribute(change[..space]) ?? throw new InvalidOperationException($"the history of '{definition.Name}' is broken: {change}");
        var (added, removed) = OpLineParser.ParseAllowedChange(change[(space + 1)..], attribute.Kind);
        ImmutableArray<AttributeValue> allowed = attribute.Allowed is ListValue list ? list.Items : [];
        SetAttribute(attribute with { Allowed = new ListValue([.. allowed.Except(removed), .. added]) });
    }

    private void SetAttribute(AttributeDefinition attribute)
    {
        int index = definition.Attributes.IndexOf(definition.Attribute(attribute.Name)!);
        definition = definition with { Attributes = index < 0 ? definition.Attributes.Add(attribute) : definition.Attributes.SetItem(index, attribute) };
    }

    private void SetFlag(string flag, bool value)
    {
        definition = flag switch
        {
            "stateful" => definition with { IsStateful = value },
            "commutative" => definition with { IsCommutative = value },
            "aggregate" => definition with { IsAggregate = value },
            "uninitialized" => definition with { AllowsUninitializedInput = value },
            _ => definition,
        };
        if (flag.StartsWith(Deprecated, StringComparison.Ordinal))
            deprecatedAt = value ? Producer(flag) : null;
    }

    private static int Producer(string flag) => int.Parse(flag[(Deprecated.Length + 1)..flag.IndexOf(')', StringComparison.Ordinal)], CultureInfo.InvariantCulture);

    private static TensorFlowRelease Release(string version) => TensorFlowRelease.Find(version) ?? throw new InvalidOperationException($"the history of ops names the release '{version}'");
}
