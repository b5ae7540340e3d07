using System.Collections.Immutable;
using System.CommandLine;
using TransformFramework.Engine.Models;
using TransformFramework.ModelFiles;
using TransformFramework.Workflows.Data;

namespace TransformFramework.Cli.CommandLineParsing;

/// <summary>The options by which a command opens a model: <c>--in_graph</c> or an argument, <c>--signature</c>, <c>--tag</c>, <c>--set</c>.</summary>
internal sealed class ModelArguments
{
    /// <summary>The model as an argument, in place of <c>--in_graph</c>.</summary>
    public Argument<string> Graph { get; } = new("graph") { Description = "A model, in place of --in_graph", Arity = ArgumentArity.ZeroOrOne };

    public Option<string> InGraph { get; } = new("--in_graph") { HelpName = "MODEL", Description = "Model to read: a file, folder or archive of any format that a plugin reads" };

    public Option<string> Signature { get; } = new("--signature") { HelpName = "NAME", Description = "Signature of the model to read; serving_default, or the only one, without it" };

    public Option<string[]> Tag { get; } = new("--tag") { HelpName = "TAG", Description = "Tag of the meta graph to read; serve, or the only one, without it; may be repeated" };

    public Option<string[]> Set { get; } = new("--set") { HelpName = "NAME=VALUE", Description = "A fixed value for a placeholder, such as is_training=false; may be repeated" };

    /// <summary>Another spelling of <see cref="Set"/>, for commands that feed samples to the other inputs.</summary>
    private Option<string[]> Feed { get; } = new("--feed") { HelpName = "NAME=VALUE", Description = "A fixed value for an input that the samples do not give, such as keep_prob=1, as --set; may be repeated" };

    /// <summary>The options by which the model that is run differs from what the file holds.</summary>
    public Option[] Choices => [Signature, Tag, Set, Feed];

    /// <summary>Adds --feed to a command that runs a model on samples.</summary>
    public ModelArguments AddFixedFeedsTo(Command command)
    {
        command.Options.Add(Feed);
        return this;
    }

    /// <summary>Adds the options to a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="hasArgument">Whether the model may be given as an argument.</param>
    public ModelArguments AddTo(Command command, bool hasArgument = true)
    {
        if (hasArgument)
            command.Arguments.Add(Graph);
        command.Options.Insert(0, InGraph);
        return AddChoicesTo(command, at: 1);
    }

    /// <summary>Adds the options that choose within a model, for a command that takes its models as arguments.</summary>
    /// <param name="command">The command.</param>
    /// <param name="at">Where among the command's options.</param>
    public ModelArguments AddChoicesTo(Command command, int at = 0)
    {
        command.Options.Insert(at, Signature);
        command.Options.Insert(at + 1, Tag);
        command.Options.Insert(at + 2, Set);
        return this;
    }

    /// <summary>Whether a model is given.</summary>
    public bool IsGiven(CommandContext context) => context.Value(Graph) is { Length: > 0 } || context.Has(InGraph);

    /// <summary>The path of the model.</summary>
    /// <exception cref="CommandException">It is missing, or given twice.</exception>
    public string PathOf(CommandContext context)
    {
        string? argument = context.Value(Graph);
        string? option = context.Path(InGraph);
        if (argument is { Length: > 0 } && option is not null)
            throw CommandException.Usage($"two models are given: '{argument}' and --in_graph={option}", "Give one of them.");
        return argument is { Length: > 0 } ? PathExpansion.Expand(argument) : context.RequiredPath(InGraph);
    }

    /// <summary>Opens the model, and shows what its reader noticed.</summary>
    /// <param name="context">The command.</param>
    /// <param name="outputs">The tensors that the command asks for, separated by commas; null for the model's.</param>
    /// <param name="acceptsEmpty">Takes an empty file for an empty graph.</param>
    /// <param name="acceptsFlaws">Takes a graph that cannot run as it is.</param>
    public LoadedModel Open(CommandContext context, string? outputs = null, bool acceptsEmpty = false, bool acceptsFlaws = false) => OpenPath(context, PathOf(context), outputs, acceptsEmpty, acceptsFlaws);

    /// <summary>Opens the model at a path by these choices, and shows what its reader noticed.</summary>
    /// <param name="context">The command.</param>
    /// <param name="path">The path.</param>
    /// <param name="outputs">The tensors that the command asks for, separated by commas; null for the model's.</param>
    /// <param name="acceptsEmpty">Takes an empty file for an empty graph.</param>
    /// <param name="acceptsFlaws">Takes a graph that cannot run as it is.</param>
    /// <param name="isOneOfTwo">Another model may be the one that has the signature.</param>
    public LoadedModel OpenPath(CommandContext context, string path, string? outputs = null, bool acceptsEmpty = false, bool acceptsFlaws = false, bool isOneOfTwo = false)
    {
        var options = new ModelOpenOptions
        {
            AcceptsEmpty = acceptsEmpty,
            Read = new ModelReadOptions
            {
                Signature = context.Value(Signature),
                Tags = [.. context.Values(Tag).SelectMany(NameList.Split)],
                FixedInputs = Fixed(context),
                Outputs = [.. NameList.Split(outputs)],
            },
        };
        bool isStandardInput = path is "-" or StandardInput.Path;
        if (isStandardInput)
            StandardInput.Check();
        LoadedModel model = ModelFile.Open(isStandardInput ? StandardInput.Path : path, options, () => context.Catalog, context.Cancellation);
        context.Say(model.Diagnostics);
        if (!isOneOfTwo)
            CheckChoices(context, model);
        if (acceptsFlaws || model.Flaws.IsEmpty)
            return model;
        model.Dispose();
        throw new CommandException(ExitCodes.Failed, model.Flaws[0]);
    }

    /// <summary>A format whose reader knows no signatures or tags takes no notice of their options.</summary>
    private void CheckChoices(CommandContext context, LoadedModel model)
    {
        if (context.Value(Signature) is { } name && model.Content.ChosenSignature != name && !model.Content.Signatures.Any(signature => signature.Name == name))
            Refuse(model, $"--signature={name}: the model has {(model.Content.Signatures.IsEmpty ? "no signatures" : $"the {(model.Content.Signatures.Length == 1 ? "signature" : "signatures")} {string.Join(", ", model.Content.Signatures.Select(signature => $"'{signature.Name}'"))}")}");
        if (context.Values(Tag) is [var tag, ..] && model.Content.Signatures.IsEmpty)
            Refuse(model, $"--tag={tag}: the model has no meta graphs");
    }

    private static void Refuse(LoadedModel model, string message)
    {
        model.Dispose();
        throw CommandException.Usage(message, "Leave the option out; 'transform_graph summarize' shows what a model has.");
    }

    private ImmutableDictionary<string, string> Fixed(CommandContext context)
    {
        var values = ImmutableDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var (option, pair) in new[] { Set, Feed }.SelectMany(option => context.Values(option).Select(pair => (option.Name, pair))))
        {
            int equals = pair.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
                throw CommandException.Usage($"{option} {pair} is not NAME=VALUE", "For example --set=is_training=false.");
            if (!values.TryAdd(pair[..equals].Trim(), pair[(equals + 1)..].Trim()))
                throw CommandException.Usage($"{option} {pair[..equals].Trim()}: it has two values", "Give one of them.");
        }
        return values.ToImmutable();
    }
}
