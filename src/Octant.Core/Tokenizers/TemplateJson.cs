using System.Text.Json.Nodes;

namespace Octant.Tokenizers;

/// <summary>A TemplateProcessing as it stands in tokenizer.json.</summary>
static class TemplateJson
{
    /// <param name="single">the pieces for one text</param>
    /// <param name="pair">those for two</param>
    /// <param name="special">the tokens that pieces name; of equal ones the first counts</param>
    public static JsonObject Of(IEnumerable<JsonNode> single, IEnumerable<JsonNode> pair, IEnumerable<(string Token, int Id)> special) => new()
    {
        ["type"] = "TemplateProcessing",
        ["single"] = new JsonArray([.. single]),
        ["pair"] = new JsonArray([.. pair]),
        ["special_tokens"] = new JsonObject(special.DistinctBy(entry => entry.Token).Select(entry => KeyValuePair.Create(entry.Token, (JsonNode?)new JsonObject
        {
            ["id"] = entry.Token,
            ["ids"] = new JsonArray(entry.Id),
            ["tokens"] = new JsonArray(entry.Token),
        }))),
    };

    /// <summary>A text: A or B.</summary>
    public static JsonNode Text(string id, int type) => Piece("Sequence", id, type);

    public static JsonNode Special(string token, int type) => Piece("SpecialToken", token, type);

    static JsonObject Piece(string kind, string id, int type) => new() { [kind] = new JsonObject { ["id"] = id, ["type_id"] = type } };
}
