import showReference from "swagger-ui-dist/swagger-ui-bundle.js";
import "swagger-ui-dist/swagger-ui.css";

/** The API's own document, rendered: nothing is loaded from elsewhere, and no key outlives the page. */
showReference({
  url: "/openapi.json",
  dom_id: "#reference",
  deepLinking: true,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  filter: true,
  persistAuthorization: false,
  tryItOutEnabled: false,
  // Otherwise the document's address is sent to a validator on the internet.
  validatorUrl: null,
});
