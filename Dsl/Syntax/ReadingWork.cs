namespace TransformFramework.Dsl.Syntax;

/// <summary>What the reading of a script costs: characters that its tokens looked at, each as often as it was looked at.</summary>
internal sealed class ReadingWork
{
    public long Characters { get; private set; }

    public void Add(int characters) => Characters += characters;
}
