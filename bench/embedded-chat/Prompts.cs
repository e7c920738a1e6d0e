using Octant.Data.Dialogues;

namespace EmbeddedChat;

/// <summary>What the model is asked: one half is what it has learnt to answer but not seen, the other what users type.</summary>
static class Prompts
{
    static readonly string[] Typed =
    [
        "Who goes there?",
        "What news from Rome, my lord?",
        "Good morrow, cousin.",
        "Where is my daughter?",
        "Do you love me?",
        "Is the king dead?",
        "Tell me of the battle.",
        "What is thy name, fellow?",
        "I have lost my sword.",
        "Shall we to supper?",
        "Why do you weep?",
        "Speak, what say you to this letter?",
        "How fares the queen?",
        "I will not marry him.",
        "The enemy is at the gates!",
        "Give me thy hand.",
        "What o'clock is it?",
        "Thou art a villain and a coward.",
        "Pray you, sir, who is that gentleman?",
        "My father is come home from the wars.",
        "Hello!",
        "I am afraid of the dark.",
        "Farewell, and God keep you.",
        "What shall I do with so much gold?",
        "Canst thou keep a secret?",
    ];

    /// <summary>So many, from both halves in turn.</summary>
    /// <param name="heldOut">a part of the play that the model has not learnt</param>
    /// <param name="count">of all; what is wanted beyond the typed ones is from the play</param>
    public static IReadOnlyList<string> Choose(string heldOut, int count)
    {
        var typed = Typed.Take(count / 2).ToArray();
        var questions = Conversations.Of(Plays.Speeches(heldOut), new(Turns: 2)).Select(dialogue => dialogue.Messages[0].Content).ToArray();
        var wanted = count - typed.Length;
        var spoken = Enumerable.Range(0, wanted).Select(i => questions[(int)((long)i * questions.Length / wanted)]);
        return [.. spoken, .. typed];
    }
}
