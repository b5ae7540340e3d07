using Sprache;

namespace TransformFramework.Dsl.Syntax;

/// <summary>A place in a script, for Sprache's combinators. Unlike Sprache's own input it can jump, so that a token costs one step however long it is.</summary>
internal sealed class ScriptInput(SourceText text, int position, ReadingWork work) : IInput
{
    private Dictionary<object, object>? memos;

    public string Source => text.Text;

    public int Position => position;

    public bool AtEnd => position == Source.Length;

    public char Current => Source[position];

    public int Line => text.Span(position, position).Line;

    public int Column => text.Span(position, position).Column;

    public IDictionary<object, object> Memos => memos ??= [];

    /// <summary>What reading has cost so far.</summary>
    public ReadingWork Work => work;

    public IInput Advance() => JumpTo(position + 1);

    public IInput JumpTo(int target) => target == position ? this : new ScriptInput(text, target, work);

    public bool Equals(IInput? other) => other is ScriptInput && other.Position == position && ReferenceEquals(other.Source, Source);

    public override bool Equals(object? obj) => Equals(obj as IInput);

    public override int GetHashCode() => position;
}
